"""What follows from a chargeback, from its opening to its outcome? Read from the provider, booked.

Whatever was told, in whatever order: the provider's dispute is read as it stands now, and its own
balance transactions decide which entries there are. Each is booked once, in one transaction with
the chargeback and its session.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute import chargeback as model
from chalicelib.domain.dispute.chargeback import (
    Chargeback,
    ChargebackEvent,
    ChargebackKind,
    ChargebackState,
    Moved,
)
from chalicelib.domain.dispute.dispute import Cause, dispute_id
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ledger.cash import burden
from chalicelib.domain.ledger.chargeback import moved_entry
from chalicelib.domain.payment import payment as payments
from chalicelib.domain.payment.payment import PaymentEvent
from chalicelib.domain.payment.waiting import added, settled
from chalicelib.domain.session.effects import told
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Dispute, DisputeMove, DisputeState
from chalicelib.ports.store import ABSENT, Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.open import followed_by_bank
from chalicelib.usecases.effect.waiting import Came, rows_of, run_waiting
from chalicelib.usecases.payment.loss import book, outcome_of
from chalicelib.usecases.records import find, load, write_rows_first
from chalicelib.usecases.session.save import again
from chalicelib.usecases.session.save import replacing as replacing_session
from chalicelib.usecases.session.terms import terms_of

_LOOK_EVERY = timedelta(days=1)
_EVENTS = {
    DisputeState.INQUIRY: ChargebackEvent.INQUIRED,
    DisputeState.NEEDS_RESPONSE: ChargebackEvent.OPENED,
    DisputeState.UNDER_REVIEW: ChargebackEvent.ANSWERED,
    DisputeState.WON: ChargebackEvent.WON,
    DisputeState.LOST: ChargebackEvent.LOST,
    DisputeState.CLOSED: ChargebackEvent.CLOSED,
}


class ChargebackDecided(Conflict):
    code = "chargeback_decided"

    def __init__(self, chargeback_id: str, state: str) -> None:
        super().__init__(f"{chargeback_id} is {state}: its loss is booked already")
        self.chargeback_id, self.state = chargeback_id, state


def follow_dispute(ports: Ports, dispute: Dispute) -> Chargeback | None:
    """Record what the provider says of a chargeback now; None: it is of no session of ours."""

    def decide() -> Chargeback | None:
        session = find(ports.store, keys.session(dispute.owner), Session)
        if session is None:
            return None
        key = keys.chargeback(dispute.reference)
        record = find(ports.store, key, Chargeback)
        known = None if record is None else record.value
        at = ports.clock.now()
        before = known or _opened(dispute, session.value)
        now = model.advance(before, _EVENTS[dispute.state])
        now = replace(now, answer_by=dispute.answer_by)
        writes = list[Write]()
        for move in dispute.moves:
            now, write = _moved(ports, now, session.value, move, at)
            writes += [] if write is None else [write]
        now, write = outcome_of(ports, now, session.value, at)
        writes += [] if write is None else [write]
        if known == now:
            return now
        now = _watched(now, at, new=known is None)
        after = _told(session.value, known, now, at)
        after, disputed = followed_by_bank(ports, now, after, at)
        put = Put(
            key,
            to_plain(now),
            expects=ABSENT if record is None else record.version,
            pending=len(now.due(at)),
        )
        moved = [] if after == session.value else [replacing_session(session, after, at)]
        rows = (*rows_of(now, key.pk), _listed(now), *disputed)
        write_rows_first(ports.store, *rows, put, *moved, *writes)
        return now

    return again(decide)


def _opened(dispute: Dispute, session: Session) -> Chargeback:
    return Chargeback(
        id=dispute.reference,
        provider="stripe",
        session_id=session.id,
        partner_id=session.partner_id,
        payment=dispute.payment,
        kind=model.kind_of(dispute.reason),
        state=model.FIRST[_EVENTS[dispute.state]],
        money=dispute.money,
        reason=dispute.reason,
        opened_at=dispute.opened_at,
        answer_by=dispute.answer_by,
        dispute_id=dispute_id(Cause.CHARGEBACK, dispute.reference),
    )


def _moved(
    ports: Ports, chargeback: Chargeback, session: Session, move: DisputeMove, at: datetime
) -> tuple[Chargeback, Put | None]:
    if any(known.reference == move.reference for known in chargeback.moves):
        return chargeback, None
    name = f"moved:{move.reference}"
    entry = moved_entry(
        keys.chargeback(chargeback.id).pk,
        chargeback.partner_id,
        move.money,
        move.fee,
        at,
        bears=burden(terms_of(ports, session).agreement, session.cpo_id),
        name=name,
        session=session.id,
        reference=chargeback.id,
        payment=chargeback.payment,
        dispute=chargeback.dispute_id,
    )
    moved = Moved(move.reference, move.money)
    chargeback = replace(chargeback, moves=(*chargeback.moves, moved))
    return book(chargeback, name, entry, session, at)


def _watched(chargeback: Chargeback, at: datetime, *, new: bool) -> Chargeback:
    """Our evidence is sent when it opens, and it is looked at daily until it is over."""
    if chargeback.state in model.OVER:
        return replace(chargeback, effects=())
    disputable = chargeback.kind is not ChargebackKind.RETURNED
    answers = any(effect.kind is EffectKind.CONTEST for effect in chargeback.effects)
    if chargeback.state is ChargebackState.OPEN and disputable and not answers:
        chargeback = added(chargeback, EffectKind.CONTEST, at)
    if new:
        chargeback = added(chargeback, EffectKind.LOOK_UP, at, after=_LOOK_EVERY)
    return chargeback


def _told(session: Session, before: Chargeback | None, now: Chargeback, at: datetime) -> Session:
    """The session with its payment's state, a link to the chargeback, and news for its partner."""
    payment = session.payment
    gone = now.taken.minor > 0
    event = PaymentEvent.CHARGED_BACK if gone else PaymentEvent.REINSTATED
    if payments.can(payment, event):
        session = replace(session, payment=payments.advance(payment, event))
    if before is None:
        linked = (*session.detail.get("chargebacks", ()), now.id)
        session = replace(session, detail={**session.detail, "chargebacks": list(linked)})
        session = told(session, at, "session.disputed", kind=now.kind.value, chargeback=now.id)
    if now.state in model.OVER and (before is None or before.state is not now.state):
        data = {"chargeback": now.id, "outcome": now.state.value, "kind": now.kind.value}
        session = told(session, at, "session.dispute_closed", **data)
    return session


def _listed(chargeback: Chargeback) -> Write:
    """The list of what is open, for people."""
    row = Put(Key(keys.chargebacks_open(), chargeback.id), {}, expects=None)
    return Delete(row.key) if chargeback.state in model.OVER else row


def classify(ports: Ports, reference: str, kind: ChargebackKind, by: str) -> Chargeback:
    """Staff say what a chargeback is about, where the bank's code does not; not once it is lost."""

    def decide() -> Chargeback:
        record = load(ports.store, keys.chargeback(reference), Chargeback, "chargeback")
        if record.value.state in model.OVER:
            raise ChargebackDecided(reference, record.value.state.value)
        named = replace(record.value, kind=kind, classified_by=by)
        ports.store.write(record.put(named))
        return named

    return again(decide)


def run_chargeback(ports: Ports, pk: str) -> None:
    run_waiting(ports, pk, Chargeback, {EffectKind.CONTEST: _contest, EffectKind.LOOK_UP: _look_up})


def _contest(ports: Ports, chargeback: Chargeback, effect: Effect) -> Came[Chargeback]:
    """Send the bank what the sealed evidence says; the same answer again changes nothing."""
    session = load(ports.store, keys.session(chargeback.session_id), Session, "session").value
    key = f"{chargeback.id}:{effect.id}"
    dispute = ports.payments.contest(chargeback.id, _evidence(session), key)
    answered = settled(chargeback, effect)
    if dispute.state is DisputeState.UNDER_REVIEW:
        answered = model.advance(answered, ChargebackEvent.ANSWERED)
    return Came(answered)


def _evidence(session: Session) -> str:
    """What happened, without a name: the bank knows its customer."""
    bill = session.bill
    lines = [
        f"Electric vehicle charging session {session.id}",
        f"Charge point {session.evse_uid}, connector {session.connector_id}, {session.country}",
        f"Requested {session.requested_at:%Y-%m-%d %H:%M:%S} UTC by the cardholder's app",
        f"Charged from {session.started_at} to {session.ended_at}, {session.energy_kwh} kWh",
        f"Charge point operator's record {session.cdr_id}",
        f"Billed {bill.gross if bill else 'nothing yet'} by tariff {session.tariff_hash}",
        f"Sealed evidence {session.evidence}",
    ]
    return "\n".join(lines)


def _look_up(ports: Ports, chargeback: Chargeback, effect: Effect) -> Came[Chargeback]:
    """In case that a webhook was lost: read it, and look again tomorrow."""
    dispute = ports.payments.read_dispute(chargeback.id)
    follow_dispute(ports, dispute)  # if that changes it, this write fails and we look once more
    now = settled(chargeback, effect)
    return Came(added(now, EffectKind.LOOK_UP, ports.clock.now(), after=_LOOK_EVERY))
