"""What does a charger's report change? Called by the stream for each report that may matter.

A PATCH is one put and changes the session only when something matters: it started, it ended, or it
outgrows its hold. So most reports cost no second write, and those that cannot bring a session near
its hold are not followed at all (see `room`).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.effects import added, has, told, without
from chalicelib.domain.session.lifecycle import LATE, OPEN, SessionEvent, can, step
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.records import Record, find, write_rows_first
from chalicelib.usecases.session.running import at_most, near_hold, running_cost
from chalicelib.usecases.session.save import again, in_its_window, replacing, watch
from chalicelib.usecases.session.watch import FIRST_LOOK

CDR_PULLS = (1, 6, 12, 16)  # hours after the end at which a missing CDR is pulled


def follow(ports: Ports, pk: str) -> Session | None:
    """Fold a charger session's reports and move ours; None when it is not (yet) known as ours."""
    report = fold_partition(ports.store, pk)
    if report is None or not report.authorization_reference:
        return None
    peer_id = pk.split("#")[1]

    def decide() -> Session | None:
        key = keys.session(report.authorization_reference)
        record = find(ports.store, key, Session)
        if record is None or record.value.peer_id != peer_id:
            return None
        if not _of_its_cpo(ports, record.value, report):
            return None
        return _follow(ports, record, report)

    return again(decide)


def _of_its_cpo(ports: Ports, session: Session, report: ReportedSession) -> bool:
    """Not of another party behind the same hub or platform; read once, when its name is new."""
    identity = f"{report.country_code}*{report.party_id}".upper()
    if session.charger_session.upper().startswith(f"{identity}*"):
        return True
    known = connection_of(ports, session.peer_id).identities
    return known.get(identity) == session.cpo_id


def _follow(ports: Ports, record: Record[Session], report: ReportedSession) -> Session:
    at = ports.clock.now()
    session = _named(record.value, report)
    writes: list[Put] = []
    if report.status is ChargerStatus.ACTIVE:
        session = _started(session, report, at)
        session = _within_hold(ports, session, report, at)
        if record.value.state in LATE:  # nobody looks at it any more
            writes = [watch(session.id, at + FIRST_LOOK)]
    elif report.status is ChargerStatus.COMPLETED:
        session, writes = _ended(session, report, at)
    elif report.status is ChargerStatus.INVALID:
        session = _invalid(session, at)
    if session != record.value:
        write_rows_first(ports.store, *writes, replacing(record, session, at))
    return session


def _named(session: Session, report: ReportedSession) -> Session:
    if session.charger_session:
        return session
    name = f"{report.country_code}*{report.party_id}*{report.id}"
    return replace(session, charger_session=name)


def _started(session: Session, report: ReportedSession, at: datetime) -> Session:
    if not can(session.state, SessionEvent.CHARGER_ACTIVE):
        if session.state is SessionState.STOPPING and session.started_at is None:
            # asked to stop before the charger had told its session's id: now it can be stopped
            named = replace(session, started_at=report.start)
            return added(named, EffectKind.STOP_CHARGING, at)
        return session
    late = session.state in LATE
    started = step(without(session, EffectKind.FIND_SESSION), SessionEvent.CHARGER_ACTIVE)
    started = told(replace(started, started_at=report.start), at, "session.started")
    return added(started, EffectKind.STOP_CHARGING, at) if late else started


def _within_hold(ports: Ports, session: Session, report: ReportedSession, at: datetime) -> Session:
    """Near the hold: ask for more. The effect that asks stops the charger when there is no more."""
    kinds = (EffectKind.EXTEND_HOLD, EffectKind.PLACE_HOLD, EffectKind.STOP_CHARGING)
    asked = any(has(session, kind) for kind in kinds)
    if session.state is not SessionState.CHARGING or asked:
        return session
    if session.payment.state is not PaymentState.AUTHORISED:
        return session  # a late start: its stop is on the way
    if not near_hold(session, at_most(ports, session, report)):
        return session  # most reports: nothing else is read for them
    cost, hold = running_cost(ports, session, report), session.payment.hold
    if not near_hold(session, cost):
        return session
    more = Money(hold.minor + max(hold.minor // 2, 1), hold.currency)
    session = replace(session, running_cost=cost, energy_kwh=report.kwh)
    return added(session, EffectKind.EXTEND_HOLD, at, minor=str(more.minor))


def _ended(session: Session, report: ReportedSession, at: datetime) -> tuple[Session, list[Put]]:
    if not can(session.state, SessionEvent.CHARGER_COMPLETED):
        return session, []
    # A window of the future would be settled then: a charger's clock may be wrong, ours counts.
    ended_at = min(report.end or report.last_updated, at)
    ended = without(
        session, EffectKind.FIND_SESSION, EffectKind.STOP_CHARGING, EffectKind.EXTEND_HOLD
    )
    ended = step(ended, SessionEvent.CHARGER_COMPLETED)
    ended = replace(
        ended,
        started_at=session.started_at or report.start,
        ended_at=ended_at,
        energy_kwh=report.kwh,
    )
    first = timedelta(hours=CDR_PULLS[0])
    ended = added(ended, EffectKind.PULL_CDR, at, after=first, pull="0")
    ended, listed = in_its_window(told(ended, at, "session.ended"))
    return ended, [watch(session.id, at + first), *listed]


def _invalid(session: Session, at: datetime) -> Session:
    """The CPO says that the session is void: nothing is billed (mod_sessions 9.4.2)."""
    undone = session.state is SessionState.ENDED
    undone = undone and session.payment.state is PaymentState.AUTHORISED
    if session.state not in OPEN and not undone:
        return session
    void = without(
        session,
        EffectKind.FIND_SESSION,
        EffectKind.STOP_CHARGING,
        EffectKind.EXTEND_HOLD,
        EffectKind.PULL_CDR,
    )
    void = step(void, SessionEvent.GIVEN_UP, "charger_invalid")
    return told(added(void, EffectKind.RELEASE, at), at, "session.abandoned")
