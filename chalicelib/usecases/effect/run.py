"""Which effects of an owner are due, and what came of them? Called by the stream and the sweeper.

All effects of a session that are due are performed, then ONE write records what came of them. A
crash in between repeats them, and each is safe to repeat by its class (docs/adr/0005): keyed at the
provider, looked up first, or, for START_SESSION, sent only after the write that forbids a second.
"""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict, DomainError, NotYet, Rejected
from chalicelib.domain.session.effects import due, postponed
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Write, WriteConflict
from chalicelib.usecases.dispute.run import run_dispute, run_early_credit
from chalicelib.usecases.effect.capture import capture, confirm_debit
from chalicelib.usecases.effect.charging import (
    find_session,
    send_preferences,
    start_charging,
    stop_charging,
)
from chalicelib.usecases.effect.even_out import even_out
from chalicelib.usecases.effect.further import extend_hold, place_hold, release_spare
from chalicelib.usecases.effect.heartbeat import beat
from chalicelib.usecases.effect.money import hold, release
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.effect.refund import refund
from chalicelib.usecases.effect.telling import pull_cdr, seal_evidence, tell_partner
from chalicelib.usecases.effect.unlocking import unlock_connector
from chalicelib.usecases.event.deliver import run_delivery
from chalicelib.usecases.hub.news import run_news
from chalicelib.usecases.partner.collect import run_top_up
from chalicelib.usecases.partner.invoice import run_invoices
from chalicelib.usecases.payment.chargeback import run_chargeback
from chalicelib.usecases.payment.follow_event import follow_event
from chalicelib.usecases.payment.save_method import run_method
from chalicelib.usecases.records import Record, find, write_rows_first
from chalicelib.usecases.reservation.run import run_reservation
from chalicelib.usecases.session.follow import follow
from chalicelib.usecases.session.save import again, replacing, watch

_ROUNDS = 8  # an effect's outcome may bring the next one: hold, start, …

_LAST = {EffectKind.TELL_PARTNER, EffectKind.SEAL_EVIDENCE}
# Decided without a call, which is made after the write: what brings it about needs none of its own.
_DECIDED = {EffectKind.START_CHARGING}

_PERFORM: dict[EffectKind, Callable[[Ports, Session, Effect], Outcome]] = {
    EffectKind.HOLD: hold,
    EffectKind.EXTEND_HOLD: extend_hold,
    EffectKind.PLACE_HOLD: place_hold,
    EffectKind.RELEASE_SPARE: release_spare,
    EffectKind.CAPTURE: capture,
    EffectKind.CONFIRM_DEBIT: confirm_debit,
    EffectKind.RELEASE: release,
    EffectKind.REFUND: refund,
    EffectKind.EVEN_OUT: even_out,
    EffectKind.START_CHARGING: start_charging,
    EffectKind.FIND_SESSION: find_session,
    EffectKind.STOP_CHARGING: stop_charging,
    EffectKind.SEND_PREFERENCES: send_preferences,
    EffectKind.UNLOCK: unlock_connector,
    EffectKind.PULL_CDR: pull_cdr,
    EffectKind.SEAL_EVIDENCE: seal_evidence,
    EffectKind.TELL_PARTNER: tell_partner,
}

_WAITING: dict[str, Callable[[Ports, str], None]] = {
    "chargeback": run_chargeback,
    "dispute": run_dispute,
    "early-credit": run_early_credit,
    "emsp-news": run_news,
    "fleet-invoices": run_invoices,
    "method-setup": run_method,
    "reservation": run_reservation,
    "top-up": run_top_up,
}


def run_owner(ports: Ports, pk: str) -> None:
    """Perform what is due for the owner of a partition; nothing due is success."""
    kind = pk.partition("#")[0]
    if kind == "session":
        run_session(ports, pk)
    elif kind == "delivery":
        run_delivery(ports, pk)
    elif kind == "charging":
        follow(ports, pk)
    elif kind == "webhook":
        follow_event(ports, pk)
    elif kind in _WAITING:
        _WAITING[kind](ports, pk)
    elif kind == "canary":
        beat(ports, pk)


def run_session(ports: Ports, pk: str) -> Record[Session] | None:
    """As `run_owner`; the session as it then is, None when there is none.

    A round begins with what the one before it has written. Somebody else may have written since:
    then this round's write is refused, and it begins anew with what stands there.
    """
    record = find(ports.store, Key(pk), Session)
    for _ in range(_ROUNDS):
        if record is None or not due(record.value, ports.clock.now()):
            break
        try:
            record = _round(ports, record)
        except WriteConflict:
            record = again(lambda: _round(ports, find(ports.store, Key(pk), Session)))
    return record


def _round(ports: Ports, record: Record[Session] | None) -> Record[Session] | None:
    """Perform what is due; the record after it, the same one when nothing was."""
    at = ports.clock.now()
    if record is None or not due(record.value, at):
        return record
    session, outcomes = record.value, list[Outcome]()
    waiting = list(_next(session, at))
    while waiting:
        outcome = _perform(ports, session, waiting.pop(0))
        if _changed(outcome) & set[Key]().union(*map(_changed, outcomes)):
            break  # it read what an effect before it is about to change: it comes again
        waiting += _brought(session, outcome)
        session = outcome.session
        outcomes.append(outcome)
    _write(ports, record, session, [write for each in outcomes for write in each.writes])
    for outcome in outcomes:
        if outcome.after is not None:
            outcome.after()
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal  # the effect waits; who called notes it for people
    return Record(record.key, session, record.version + 1)


def _brought(before: Session, outcome: Outcome) -> list[Effect]:
    """What an effect brought about and can be decided in the same round: a hold, the start."""
    known = {effect.id for effect in before.effects}
    new = (effect for effect in outcome.session.effects if effect.id not in known)
    return [effect for effect in new if effect.kind in _DECIDED]


def _changed(outcome: Outcome) -> set[Key]:
    """The records that an outcome was decided from, by their versions."""
    return {write.key for write in outcome.writes if write.expects is not None}


def _next(session: Session, at: datetime) -> tuple[Effect, ...]:
    """What is due, partners and packs last.

    A partner's slow endpoint must not hold up a charger, and a pack shows what is recorded.
    """
    ready = due(session, at)
    return tuple(effect for effect in ready if effect.kind not in _LAST) or ready


def _perform(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """What came of it. What did not succeed waits, longer each time, and stops no other effect."""
    try:
        return _PERFORM[effect.kind](ports, session, effect)
    except WriteConflict:
        raise
    except NotYet:
        return _later(ports, session, effect)
    except (Rejected, Conflict) as refusal:
        return _later(ports, session, effect, refusal)


def _later(
    ports: Ports, session: Session, effect: Effect, refusal: DomainError | None = None
) -> Outcome:
    later = postponed(session, effect, ports.clock.now())
    (waiting,) = (e for e in later.effects if e.id == effect.id)
    return Outcome(later, (watch(session.id, waiting.due),), refusal=refusal)


def _write(ports: Ports, record: Record[Session], session: Session, writes: list[Write]) -> None:
    unique = {write.key: write for write in writes}  # two effects may ask for the same due row
    put = replacing(record, session, ports.clock.now())
    write_rows_first(ports.store, *unique.values(), put)
