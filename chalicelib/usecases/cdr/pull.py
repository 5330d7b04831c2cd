"""How is a CDR fetched that was never pushed?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import Conflict, DomainError, Rejected
from chalicelib.domain.ids import same_ids
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.contract import names
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.usecases.cdr.accept import CdrAccepted, accept_cdr
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.attempt import begins_in_time

_OVERLAP = timedelta(minutes=10)


def pull_cdr_of(ports: Ports, session: Session) -> bool:
    """Look for a session's CDR at its CPO and accept it as if it had been pushed; True if found.

    One that cannot be billed is refused when there is no other.
    """
    connection = connection_of(ports, session.peer_id)
    since = (session.started_at or session.requested_at) - _OVERLAP
    pulled = ports.cpos.cdrs(connection, since, ports.clock.now() + _OVERLAP)
    refused: DomainError | None = None
    for received, cdr in _of(session, pulled.items):
        if not (cdr.authorization_reference or cdr.session_id):
            if not begins_in_time(ports, session, cdr.start, _OVERLAP):
                continue
            # Nothing else in it would tell whose it is.
            named = replace(cdr, authorization_reference=session.authorization_reference)
            received = replace(received, value=named)  # noqa: PLW2901 - the same, and named
        try:
            accepted = accept_pulled_cdr(ports, connection, received)
        except (Rejected, Conflict) as refusal:
            refused = refusal
        else:
            if accepted.session_id == session.id:
                return True  # else it has billed another charge of this driver
    if refused is not None:
        raise refused
    return False


def accept_pulled_cdr(ports: Ports, connection: Connection, received: Received) -> CdrAccepted:
    """Bill the object and keep it as it came, under its hash: once, whoever comes."""
    content = received.raw.encode()
    name = f"cdr/{sha256(content).hexdigest()}.json"
    return accept_cdr(ports, connection, received.value, name, content)


def _of(session: Session, items: Iterable[Received]) -> list[tuple[Received, ReceivedCdr]]:
    """Those that may be the session's; what began nearest to it first."""
    began = session.started_at or session.requested_at
    found = []
    for received in items:
        assert isinstance(received.value, ReceivedCdr)
        if _is_of(received.value, session):
            found.append((received, received.value))
    return sorted(found, key=lambda pair: abs(pair[1].start - began))


def _is_of(cdr: ReceivedCdr, session: Session) -> bool:
    if cdr.authorization_reference:
        return same_ids([cdr.authorization_reference], [session.authorization_reference])
    if not cdr.session_id:  # 2.1.1 tells none: who charged where and when
        began = session.started_at or session.requested_at
        # What was over before the start was asked for is the driver's charge before it.
        near = abs(cdr.start - began) <= _OVERLAP and cdr.end > session.requested_at
        there = same_ids([cdr.evse_uid], [session.evse_uid])
        return near and there and names(cdr.token_uid, session.token_uid)
    told = f"{cdr.country_code}*{cdr.party_id}*{cdr.session_id}"
    return same_ids([told], [session.charger_session])
