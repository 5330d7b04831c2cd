"""What does the CPO itself say of a session of which nothing is heard?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.ids import same_ids
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.contract import names
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.accept_report import accept_pulled
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.attempt import begins_in_time

CLOCK_SKEW = timedelta(minutes=10)


def look_at_charger(ports: Ports, session: Session) -> str:
    """Pull the CPO's sessions since the start was asked; where ours is recorded, "" if not there.

    What is found is recorded as if it had been pushed, and `follow` decides what it changes.
    """
    connection = connection_of(ports, session.peer_id)
    since = session.requested_at - CLOCK_SKEW
    pulled = ports.cpos.sessions(connection, since, ports.clock.now() + CLOCK_SKEW)
    for received, report in _ours(session, pulled.items):
        pk = keys.charging(session.peer_id, report.country_code, report.party_id, report.id)
        if not report.authorization_reference and (
            not begins_in_time(ports, session, report.start, CLOCK_SKEW)
            or _is_of_another(ports, pk, session)
        ):
            continue
        # Without our reference nobody else would know whose it is.
        named = replace(report, authorization_reference=session.authorization_reference)
        accept_pulled(ports, connection, replace(received, value=named))
        return pk
    return ""


def _ours(session: Session, items: Iterable[Received]) -> list[tuple[Received, ReportedSession]]:
    """Those that may be ours; what began nearest to the start that we asked for first."""
    found = []
    for received in items:
        assert isinstance(received.value, ReportedSession)
        if _is_ours(received.value, session):
            found.append((received, received.value))
    return sorted(found, key=lambda pair: abs(pair[1].start - session.requested_at))


def _is_of_another(ports: Ports, pk: str, session: Session) -> bool:
    """Whether it was found to be another charge, of the same driver at the same EVSE."""
    known = fold_partition(ports.store, pk)
    reference = "" if known is None else known.authorization_reference
    return reference != "" and not same_ids([reference], [session.authorization_reference])


def _is_ours(report: ReportedSession, session: Session) -> bool:
    return begun_by(
        report,
        reference=session.authorization_reference,
        token_uid=session.token_uid,
        evse_uid=session.evse_uid,
        requested_at=session.requested_at,
    )


def begun_by(
    report: ReportedSession,
    *,
    reference: str,
    token_uid: str,
    evse_uid: str,
    requested_at: datetime,
) -> bool:
    """Whether a charger's session may be that of a start: by its reference, if it tells one."""
    if report.authorization_reference:
        return same_ids([report.authorization_reference], [reference])
    return (
        names(report.token_uid, token_uid)
        and same_ids([report.evse_uid], [evse_uid])
        and report.start >= requested_at - CLOCK_SKEW
    )
