"""Which of our tokens may a CPO know, and may this one charge here and now? (mod_tokens 12.2.2)"""

from typing import Any

from chalicelib.domain.token.authorization import Allowed
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.handlers.ocpi.refusal import told
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.ocpi.envelope.references import (
    LocationReferences,
    read_references,
    write_references,
)
from chalicelib.usecases.token.authorize import authorize
from chalicelib.usecases.token.list import tokens_page

_DEFAULT_TYPE = "RFID"  # of a request that names none


def list_tokens(call: Call) -> Reply:
    page = read_page(call.query)
    span, part = (page.date_from, page.date_to), (page.offset, page.limit)
    found, total = tokens_page(call.ports, call.connection, span, part)
    url = f"{call.base_url}/tokens"
    written = [call.language.write_token(token) for token in found]
    return Reply(written, headers=headers(page, url, total))


def real_time(call: Call) -> Reply:
    references = read_references(call.body) if call.has_body else LocationReferences("")
    answer = authorize(
        call.ports,
        call.connection,
        call.ids["token_uid"],
        call.language.token_types(call.query.get("type", _DEFAULT_TYPE)),
        references.location_id,
        references.evse_uids,
        call.correlation_id,
    )
    data: dict[str, Any] = {"allowed": answer.allowed.value}
    if call.language.tells_token:
        data["token"] = call.language.write_token(answer.token)
    if answer.info:
        data["info"] = dict(answer.info)
    if answer.allowed is Allowed.ALLOWED:
        where = LocationReferences(references.location_id, answer.evse_uids)
        data["location"] = write_references(where)
        if call.language.tells_token:
            data["authorization_reference"] = answer.reference
    return Reply(data, message="" if answer.refusal is None else told(answer.refusal))


serve("/tokens", {"GET": list_tokens})
serve("/tokens/{token_uid}/authorize", {"POST": real_time})
