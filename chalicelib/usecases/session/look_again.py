"""What becomes of a session of which nothing has been heard for hours? Look, and name its state.

Lost pushes are normal: first the CPO is asked for the session, then for its CDR. What stays silent
is named: a start that never became charging is given up, a charge that never ended is held.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Rejected
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.effects import added, has, told, without
from chalicelib.domain.session.lifecycle import OPEN, SessionEvent, awaits_start, step
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.usecases.cdr.provisional import charging_partition
from chalicelib.usecases.cdr.pull import pull_cdr_of
from chalicelib.usecases.charger_session.fold import fold_partition, newest_report
from chalicelib.usecases.network.reliability import saw_it_fail
from chalicelib.usecases.payment.booking import RESERVATION_LIFE
from chalicelib.usecases.session.follow import follow
from chalicelib.usecases.session.look import look_at_charger
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.renew import expires_soon, renew
from chalicelib.usecases.session.running import running_cost
from chalicelib.usecases.session.save import again, replacing
from chalicelib.usecases.session.watch import HEARD_LATELY, STUCK

PENDING_MAX = timedelta(hours=2)  # from the request to charging: the driver has left by then
SILENT_MAX = timedelta(hours=12)  # since the last report of a charge that should go on
_NOT_SENT = frozenset({SessionState.REQUESTED, SessionState.AUTHORISED})


def look_again(ports: Ports, session: Session) -> bool:
    """Ask the CPO about an open session; it may be followed, billed, given up or named stuck.

    False when its record is as it was: there was nothing to look for.
    """
    if session.state in _NOT_SENT:
        again(lambda: _give_up_unpaid(ports, session.id))
        return True
    if session.state not in OPEN or has(session, EffectKind.FIND_SESSION):
        return False
    if expires_soon(session, ports.clock.now()):
        again(lambda: renew(ports, session.id))
    elif session.state is SessionState.CHARGING and _heard_lately(ports, session):
        return False
    try:
        with suppress(Rejected):  # it tells nothing that can be read: the time decides
            _ask(ports, session)
    except CpoUnavailable:
        return True  # the sweeper comes again
    again(lambda: _name(ports, session.id))
    return True


def _heard_lately(ports: Ports, session: Session) -> bool:
    """Its CPO's pushes arrive: it need not be asked now. The next look is as near as ever.

    One that told the end, and was not followed yet, is looked at.
    """
    last = newest_report(ports.store, charging_partition(session))
    if last is None or last.status is not ChargerStatus.ACTIVE:
        return False
    return ports.clock.now() < last.received_at + HEARD_LATELY


def _give_up_unpaid(ports: Ports, session_id: str) -> None:
    """A bank's step that nobody took, or a hold that never came: the driver has left by now."""
    current = record(ports, session_id)
    session, at = current.value, ports.clock.now()
    if session.state not in _NOT_SENT or at <= session.start_not_after:
        return
    gone = without(session, EffectKind.HOLD, EffectKind.START_CHARGING)
    gone = step(gone, SessionEvent.GIVEN_UP, "payment_not_completed")
    gone = told(added(gone, EffectKind.RELEASE, at), at, "session.abandoned", reason=gone.reason)
    ports.store.write(replacing(current, gone, at))


def _ask(ports: Ports, session: Session) -> None:
    pk = look_at_charger(ports, session)
    followed = follow(ports, pk) if pk else None
    if (followed or session).state in OPEN:
        try:
            pull_cdr_of(ports, session)
        except (Rejected, Conflict):
            return  # an unfit CDR is refused again, by name, when the session has ended


def _name(ports: Ports, session_id: str) -> None:
    current = record(ports, session_id)
    session, at = current.value, ports.clock.now()
    if session.state not in OPEN:
        return
    report = fold_partition(ports.store, charging_partition(session))
    if awaits_start(session):
        named = _starting(session, at)
    else:
        named = session if report is None else _charging(ports, session, report, at)
    if named != session:
        ports.store.write(replacing(current, named, at))
        saw_it_fail(ports, named)


def _starting(session: Session, at: datetime) -> Session:
    if at < session.requested_at + PENDING_MAX:
        return session
    gone = without(session, EffectKind.STOP_CHARGING)
    gone = step(gone, SessionEvent.GIVEN_UP, "stuck_pending")
    return told(added(gone, EffectKind.RELEASE, at), at, "session.abandoned", reason=gone.reason)


def _charging(ports: Ports, session: Session, report: ReportedSession, at: datetime) -> Session:
    if session.reason == STUCK:
        return session
    if at < report.last_updated + SILENT_MAX:
        disobeyed = session.state is SessionState.STOPPING and report.status is ChargerStatus.ACTIVE
        if not disobeyed or has(session, EffectKind.STOP_CHARGING):
            return session
        return added(session, EffectKind.STOP_CHARGING, at)
    cost = running_cost(ports, session, report)
    stuck = replace(session, reason=STUCK, running_cost=cost, energy_kwh=report.kwh)
    stuck = added(stuck, EffectKind.STOP_CHARGING, at)
    if stuck.payment.method is not PaymentMethod.CARD:
        stuck = added(stuck, EffectKind.RELEASE, at, after=RESERVATION_LIFE)
    return told(stuck, at, "session.held", reason=STUCK)
