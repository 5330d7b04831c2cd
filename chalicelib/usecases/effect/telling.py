"""How are others told of a session, and how is what they did not tell us fetched?"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict, DomainError, Rejected
from chalicelib.domain.ids import external_id
from chalicelib.domain.session.effects import added, settled, told
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.provisional import UNFIT_CDR, capture_without_cdr
from chalicelib.usecases.cdr.pull import pull_cdr_of
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.event.tell import tell
from chalicelib.usecases.evidence.seal import seal_bills
from chalicelib.usecases.hub.told import listed_for_emsp
from chalicelib.usecases.session.follow import CDR_PULLS
from chalicelib.usecases.session.save import watch


def tell_partner(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Put the event into the partner's feed and on its way to each endpoint; once, by its id."""
    session = listed_for_emsp(ports, session, effect)
    sequence = int(effect.detail["sequence"])
    data = {
        name: value for name, value in effect.detail.items() if name not in {"type", "sequence"}
    }
    tell(
        ports,
        session.partner_id,
        event_id=external_id("evt", session.id, str(sequence)),
        type_=effect.detail["type"],
        sequence=sequence,
        at=effect.made_at,
        object_id=session.id,
        data={"state": session.state.value, **data},
    )
    return Outcome(settled(session, effect))


def seal_evidence(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Seal the pack once the money's outcome is known, so that the pack can show it."""
    waits_for = {EffectKind.CAPTURE, EffectKind.RELEASE, EffectKind.REFUND}
    money = [other.due for other in session.effects if other.kind in waits_for]
    if money:
        # Not before the money is tried again: until then each look would be a write for nothing.
        later = max(ports.clock.now() + timedelta(minutes=5), *money)
        kept = tuple(e.retried(later) if e.id == effect.id else e for e in session.effects)
        return Outcome(replace(session, effects=kept), (watch(session.id, later),))
    name = seal_bills(ports, session)
    return Outcome(replace(settled(session, effect), evidence=name))


def pull_cdr(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Fetch a CDR that was not pushed. After the last try the money is captured and held."""
    if session.state is not SessionState.ENDED:
        return Outcome(settled(session, effect))
    ended_at = session.ended_at
    assert ended_at is not None, "an ended session has an end"
    at, number = ports.clock.now(), int(effect.detail["pull"]) + 1
    over = ended_at + timedelta(hours=CDR_PULLS[-1])
    try:
        found = pull_cdr_of(ports, session)
    except CpoUnavailable:
        if at < over:
            raise
        found, number = False, len(CDR_PULLS)  # the hold will not wait for the CPO
    except CpoRefused:
        found = False
    except (Rejected, Conflict) as refusal:  # the CDR is there and cannot be billed: people decide
        session, found = _unfit(session, refusal, at), False
    if found:  # `accept_cdr` has written the session: this round's version is no longer there
        raise WriteConflict([keys.session(session.id)])
    if number < len(CDR_PULLS):
        # From the end, not from the pull before, which came some minutes late as well. Of a session
        # that was told late the CDR may be late, too: an hour is the least.
        wanted = ended_at + timedelta(hours=CDR_PULLS[number])
        pause = max(wanted - at, timedelta(hours=1))
        again = added(
            settled(session, effect), EffectKind.PULL_CDR, at, after=pause, pull=str(number)
        )
        return Outcome(again, (watch(session.id, at + pause),))
    held, writes = capture_without_cdr(ports, settled(session, effect))
    return Outcome(held, writes)


def _unfit(session: Session, refusal: DomainError, at: datetime) -> Session:
    """Named once; another CDR may come, and the hold is captured in time all the same."""
    reason = f"{UNFIT_CDR}{refusal.code}"
    if session.reason == reason:
        return session
    return told(replace(session, reason=reason), at, "session.held", reason=reason)
