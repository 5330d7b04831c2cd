"""How does a CPO tell of a charging session while it goes on? (mod_sessions 9.2.2)"""

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import same_ids
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.lenient.session import merged_reports
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.accept_report import (
    SessionName,
    accept_patch,
    accept_whole,
)
from chalicelib.usecases.charger_session.fold import messages
from chalicelib.usecases.connection.authenticate import speaks_for

_NAMES = ("country_code", "party_id", "id")


def show(call: Call) -> Reply:
    name = _name(call)
    speaks_for(call.connection, name.country_code, name.party_id)
    pk = keys.charging(call.connection.id, name.country_code, name.party_id, name.id)
    told = [(whole, parse_object(raw)) for whole, raw in messages(call.ports, pk)]
    if not told:
        raise NotFound("session", name.id, "session_id")
    return Reply(merged_reports(told))


def put(call: Call) -> Reply:
    text = call.text
    session, mended = call.language.read_session(parse_object(text), call.owner)
    told = SessionName(session.country_code, session.party_id, session.id)
    _check_name(call, told)
    accept_whole(call.ports, call.connection, session, text, *mended)
    return Reply()


def patch(call: Call) -> Reply:
    text = call.text
    body = parse_object(text)
    change, mended = call.language.read_patch(body)
    name = _name(call)
    said = [str(body.get(member) or getattr(name, member)) for member in _NAMES]
    _check_name(call, SessionName(said[0].upper(), said[1].upper(), said[2]))
    accept_patch(call.ports, call.connection, name, change, text, *mended)
    return Reply()


def _name(call: Call) -> SessionName:
    ids = call.ids
    return SessionName(ids["country_code"].upper(), ids["party_id"].upper(), ids["session_id"])


def _check_name(call: Call, told: SessionName) -> None:
    named = _name(call)
    if not same_ids(_parts(told), _parts(named)):
        raise Invalid("id", f"{told.id!r} of {told.country_code}*{told.party_id} is not the URL's")


serve(
    "/sessions/{country_code}/{party_id}/{session_id}",
    {"GET": show, "PUT": put, "PATCH": patch},
)


def _parts(name: SessionName) -> tuple[str, str, str]:
    return name.country_code, name.party_id, name.id
