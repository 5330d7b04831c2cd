"""How does an eMSP tell of its drivers' tokens? As Receiver (mod_tokens 12.2.1)."""

from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import same_ids
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve_emsps
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.v2_2_1.emsp_token import DEFAULT_TYPE, read_emsp_token
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.hub.tokens import accept_token, is_anothers_card, token_told

_ANOTHERS = (
    "Accepted for commands. At chargers this uid is the card of another eMSP, which told it first."
)


def show(call: Call) -> Reply:
    return Reply(raw=_known(call).raw)


def put(call: Call) -> Reply:
    return _accept(call, call.body)


def patch(call: Call) -> Reply:
    change = call.body
    if "last_updated" not in change:
        raise Invalid("last_updated", "is missing")
    return _accept(call, {**parse_object(_known(call).raw), **change})


def _known(call: Call) -> EmspToken:
    country, party, uid = _url(call)
    speaks_for(call.connection, country, party)
    kind = call.query.get("type", DEFAULT_TYPE).upper()
    reference = EmspToken.name(country, party, kind, uid)
    return token_told(call.ports, call.connection.partner, reference, uid)


def _accept(call: Call, value: dict[str, Any]) -> Reply:
    token = read_emsp_token(value)
    told, url = (token.country_code, token.party_id, token.uid), _url(call)
    speaks_for(call.connection, token.country_code, token.party_id)
    if not same_ids(told, url):
        raise Invalid("uid", f"{'/'.join(told)} is not the {'/'.join(url)} of the URL")
    if token.type != call.query.get("type", token.type).upper():
        raise Invalid("type", f"{token.type} is not the type of the URL")
    partner_id = call.connection.partner
    accept_token(call.ports, partner_id, token)
    return Reply(message=_ANOTHERS if is_anothers_card(call.ports, partner_id, token) else "")


def _url(call: Call) -> tuple[str, str, str]:
    ids = call.ids
    return ids["country_code"].upper(), ids["party_id"].upper(), ids["token_uid"]


serve_emsps(
    "/tokens/{country_code}/{party_id}/{token_uid}", {"GET": show, "PUT": put, "PATCH": patch}
)
