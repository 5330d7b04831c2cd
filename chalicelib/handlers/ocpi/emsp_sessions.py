"""What may an eMSP read of its drivers' sessions, and wish? As Sender (9.2.1, 10.2.1)."""

from chalicelib.domain.errors import Invalid
from chalicelib.domain.session.preferences import Answer, ProfileUnknown
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve_emsps
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.ocpi.envelope.preferences import read_preferences
from chalicelib.ocpi.told import words
from chalicelib.usecases.hub.prefer import prefer_for_emsp
from chalicelib.usecases.hub.told import (
    cdr_rows,
    sessions_by_id,
    sessions_told,
    told_cdrs,
    told_session,
)


def list_sessions(call: Call) -> Reply:
    asked = read_page(call.query)
    if asked.date_from is None:
        raise Invalid("date_from", "is missing: a list of sessions has a beginning")
    span = asked.date_from, asked.date_to
    found = sessions_told(call.ports, call.connection.id, span, call.to)
    part = sessions_by_id(call.ports, found[asked.offset : asked.offset + asked.limit])
    written = [words(call.version).session(told_session(call.ports, one)) for one in part]
    return Reply(written, headers=headers(asked, f"{call.base_url}/cpo/sessions", len(found)))


def list_cdrs(call: Call) -> Reply:
    asked = read_page(call.query)
    span = asked.date_from, asked.date_to
    rows = cdr_rows(call.ports, call.connection.id, span, call.to)
    part = rows[asked.offset : asked.offset + asked.limit]
    written = [words(call.version).cdr(one) for one in told_cdrs(call.ports, part)]
    return Reply(written, headers=headers(asked, f"{call.base_url}/cpo/cdrs", len(rows)))


def prefer(call: Call) -> Reply:
    """`data` is a ChargingPreferencesResponse."""
    try:
        wanted = read_preferences(call.body)
    except ProfileUnknown:
        return Reply(Answer.PROFILE_TYPE_NOT_SUPPORTED.value)
    answer = prefer_for_emsp(call.ports, call.connection, call.ids["session_id"], wanted)
    return Reply(answer.value)


serve_emsps("/sessions", {"GET": list_sessions})
serve_emsps("/sessions/{session_id}/charging_preferences", {"PUT": prefer})
serve_emsps("/cdrs", {"GET": list_cdrs})
