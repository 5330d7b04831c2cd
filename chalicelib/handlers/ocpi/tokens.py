"""Which of our tokens may a CPO know, and may this one charge here and now? (mod_tokens 12.2.2)"""

from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.ocpi.v2_2_1.token import (
    DEFAULT_TYPE,
    LocationReferences,
    read_references,
    write_references,
    write_token,
)
from chalicelib.usecases.token.authorize import Allowed, authorize
from chalicelib.usecases.token.list import tokens_page


def list_tokens(call: Call) -> Reply:
    page = read_page(call.query)
    found, total = tokens_page(call.ports, page.date_from, page.date_to, page.offset, page.limit)
    url = f"{call.ports.public_url}/ocpi/2.2.1/tokens"
    return Reply([write_token(token) for token in found], headers=headers(page, url, total))


def real_time(call: Call) -> Reply:
    references = read_references(call.body) if call.has_body else LocationReferences("")
    answer = authorize(
        call.ports,
        call.connection,
        call.ids["token_uid"],
        call.query.get("type", DEFAULT_TYPE),
        references.location_id,
        references.evse_uids,
    )
    data = {"allowed": answer.allowed.value, "token": write_token(answer.token)}
    if answer.allowed is Allowed.ALLOWED:
        where = LocationReferences(references.location_id, answer.evse_uids)
        data |= {
            "location": write_references(where),
            "authorization_reference": answer.reference,
        }
    return Reply(data)


serve("/ocpi/2.2.1/tokens", {"GET": list_tokens})
serve("/ocpi/2.2.1/tokens/{token_uid}/authorize", {"POST": real_time})
