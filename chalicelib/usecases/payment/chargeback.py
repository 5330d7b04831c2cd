"""What follows from a chargeback, from its opening to its outcome? Read from the provider, booked.

Whatever was told, in whatever order: the provider's dispute is read as it stands now, and its own
balance transactions decide which entries there are. Each is booked once, in one transaction with
the chargeback and its session (or, for a partner's top-up, its balance).
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.canonical import content_hash
from chalicelib.domain.dispute import chargeback as model
from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackEvent, ChargebackKind
from chalicelib.domain.dispute.dispute import Cause, dispute_id
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ledger.cash import burden
from chalicelib.domain.ledger.chargeback import disputed
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.payment import payment as payments
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState
from chalicelib.domain.payment.waiting import added, settled
from chalicelib.domain.session.effects import told
from chalicelib.domain.session.redress import redress_of
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Dispute, DisputeState
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.open import followed_by_bank
from chalicelib.usecases.effect.waiting import Came, run_waiting
from chalicelib.usecases.partner.taken_back import evidence_of_top_up, follow_top_up
from chalicelib.usecases.payment.loss import bank_has, borne_by_sale, others_of, outcome_of
from chalicelib.usecases.payment.recorded import (
    LOOK_EVERY,
    advanced,
    kept,
    moved,
    news_of,
    opened,
    watched,
)
from chalicelib.usecases.records import find, load, write_rows_first
from chalicelib.usecases.session.save import again, watch
from chalicelib.usecases.session.save import replacing as replacing_session
from chalicelib.usecases.session.terms import terms_of
from chalicelib.usecases.window.sealed import rows


class ChargebackDecided(Conflict):
    code = "chargeback_decided"

    def __init__(self, chargeback_id: str, state: str) -> None:
        super().__init__(f"{chargeback_id} is {state}: its loss is booked already")
        self.chargeback_id, self.state = chargeback_id, state


def follow_dispute(ports: Ports, dispute: Dispute) -> Chargeback | None:
    """Record what the provider says of a chargeback now; None: it is of nothing of ours."""
    follow = follow_top_up if dispute.owner.startswith("top_") else _follow_session
    return again(lambda: follow(ports, dispute))


def _follow_session(ports: Ports, dispute: Dispute) -> Chargeback | None:
    session = find(ports.store, keys.session(dispute.owner), Session)
    if session is None:
        return None
    record = find(ports.store, keys.chargeback(dispute.reference), Chargeback)
    known, at = None if record is None else record.value, ports.clock.now()
    now, writes = _booked(ports, known, dispute, session.value, at)
    if known == now:
        return now
    now = watched(known, now, at)
    after = _told(ports, session.value, known, now, at)
    after, rows = followed_by_bank(ports, now, after, at)
    own = list[Write]()
    if after != session.value:  # billed long ago: no other row would lead to what it tells
        own.append(watch(after.id, at))
    if after != session.value or writes:  # who bears it was read there: a CDR may make its sale
        own.append(replacing_session(session, after, at))
    unique = {write.key: write for write in (*rows, *own)}
    write_rows_first(ports.store, *unique.values(), *kept(record, now, at), *writes)
    return now


def _booked(
    ports: Ports, known: Chargeback | None, dispute: Dispute, session: Session, at: datetime
) -> tuple[Chargeback, list[Write]]:
    """The chargeback as it stands now, with the entries of what moved and of who bears it."""
    now = known or replace(
        opened(dispute, session.partner_id, session.id),
        dispute_id=dispute_id(Cause.CHARGEBACK, dispute.reference),
    )
    now, writes = advanced(now, dispute), list[Write]()
    zone, against = session.settlement_zone, disputed(session.partner_id)
    for move in news_of(now, dispute):
        bears = burden(terms_of(ports, session).agreement, session.cpo_id)
        refs = {"session": session.id, "agreement": session.agreement_id}
        refs |= {"dispute": now.dispute_id}
        paid = session.payment.converted
        now, write = moved(now, move, against, bears, paid, zone, at, **refs)
        writes.append(write)
    now, outcome = outcome_of(ports, now, session, at)
    return now, [*writes, *outcome]


def borne_once_billed(
    ports: Ports, session: Session, sale: Entry, at: datetime
) -> tuple[Session, tuple[Write, ...]]:
    """What banks took for good before the CDR came was the driver's debt: its bearer bears it now.

    All in the transaction of the sale, whose entry is not in the books yet. A bill that follows a
    credit is the driver's to pay, whoever had given the money back (dispute/payback.py).
    """
    first = not redress_of(session).credited
    writes, ids = list[Write](), session.detail.get("chargebacks", ()) if first else ()
    found = (find(ports.store, keys.chargeback(id_), Chargeback) for id_ in ids)
    records = [record for record in found if record is not None]
    known = {record.value.id: record.value for record in records}
    for record in records:
        others = [other for id_, other in known.items() if id_ != record.value.id]
        borne = borne_by_sale(ports, record.value, session, sale, others, at)
        if borne is not None:
            now, entry = borne
            known[now.id] = now
            session, rows = followed_by_bank(ports, now, session, at)
            writes.extend((*rows, *kept(record, now, at), entry))
    return session, tuple(writes)


def _told(
    ports: Ports, session: Session, before: Chargeback | None, now: Chargeback, at: datetime
) -> Session:
    """The session with its payment's state, a link to the chargeback, and news for its partner.

    A refund whose outcome is awaited decides by itself: the provider made it before, or refuses it.
    """
    payment = session.payment
    gone = bank_has([now, *others_of(ports, session, now.id)])
    event = PaymentEvent.CHARGED_BACK if gone else PaymentEvent.REINSTATED
    if payment.state is not PaymentState.REFUND_REQUESTED and payments.can(payment, event):
        session = replace(session, payment=payments.advance(payment, event))
    if before is None:
        linked = (*session.detail.get("chargebacks", ()), now.id)
        session = replace(session, detail={**session.detail, "chargebacks": list(linked)})
        session = told(session, at, "session.disputed", kind=now.kind.value, chargeback=now.id)
    if now.state in model.OVER and (before is None or before.state is not now.state):
        data = {"chargeback": now.id, "outcome": now.state.value, "kind": now.kind.value}
        session = told(session, at, "session.dispute_closed", **data)
    return session


def open_chargebacks(ports: Ports) -> list[Chargeback]:
    """What is not decided, or waits for its money, for staff."""
    ids = [row.key.sk for row in rows(ports, keys.chargebacks_open())]
    found = (find(ports.store, keys.chargeback(id_), Chargeback) for id_ in ids)
    return [record.value for record in found if record is not None]


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
    evidence = _evidence(ports, chargeback)
    # Since a try whose answer was lost we may know more, or the inquiry became a chargeback, which
    # wants an answer of its own: another call.
    said = content_hash([chargeback.state.value, evidence])
    key = f"{chargeback.id}:{effect.id}:{said[:16]}"
    dispute = ports.payments.contest(chargeback.id, evidence, key)
    answered = settled(chargeback, effect)
    if dispute.state is DisputeState.UNDER_REVIEW:
        answered = model.advance(answered, ChargebackEvent.ANSWERED)
    return Came(answered)


def _evidence(ports: Ports, chargeback: Chargeback) -> str:
    """What happened, without a name: the bank knows its customer."""
    if chargeback.top_up_id:
        return evidence_of_top_up(ports, chargeback.top_up_id)
    session = load(ports.store, keys.session(chargeback.session_id), Session, "session").value
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
    return Came(added(now, EffectKind.LOOK_UP, ports.clock.now(), after=LOOK_EVERY))
