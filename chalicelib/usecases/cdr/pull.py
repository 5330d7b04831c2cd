"""How is a CDR fetched that was never pushed?"""

from datetime import timedelta
from hashlib import sha256

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import Conflict, DomainError, Rejected
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.usecases.cdr.accept import CdrAccepted, accept_cdr
from chalicelib.usecases.connection.read import connection_of

_OVERLAP = timedelta(minutes=10)


def pull_cdr_of(ports: Ports, session: Session) -> bool:
    """Look for a session's CDR at its CPO and accept it as if it had been pushed; True if found.

    One that cannot be billed is refused when there is no other.
    """
    connection = connection_of(ports, session.peer_id)
    since = (session.started_at or session.requested_at) - _OVERLAP
    pulled = ports.cpos.cdrs(connection, since, ports.clock.now() + _OVERLAP)
    refused: DomainError | None = None
    for received in pulled.items:
        cdr = received.value
        assert isinstance(cdr, ReceivedCdr)
        if not _is_of(cdr, session):
            continue
        try:
            accept_pulled_cdr(ports, connection, received)
        except (Rejected, Conflict) as refusal:
            refused = refusal
        else:
            return True
    if refused is not None:
        raise refused
    return False


def accept_pulled_cdr(ports: Ports, connection: Connection, received: Received) -> CdrAccepted:
    """Bill the object and keep it as it came, under its hash: once, whoever comes."""
    content = received.raw.encode()
    name = f"cdr/{sha256(content).hexdigest()}.json"
    return accept_cdr(ports, connection, received.value, name, content)


def _is_of(cdr: ReceivedCdr, session: Session) -> bool:
    if cdr.authorization_reference:
        return cdr.authorization_reference == session.authorization_reference
    return f"{cdr.country_code}*{cdr.party_id}*{cdr.session_id}" == session.charger_session
