"""What if a refund comes back, days after the provider had accepted it? We owe the money again.

A card that was closed cannot take it. The cash is ours again and the driver's (or, of a top-up, the
partner's) once more; the partner is told, and people are: another refund is tried when they say so.
"""

from dataclasses import replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, NotYet
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, moved, rate_of, refund_entry
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentEvent, can
from chalicelib.domain.payment.top_up import TopUp
from chalicelib.domain.payment.waiting import told as told_owner
from chalicelib.domain.session.effects import added, has, told
from chalicelib.domain.session.redress import paid_too_much, redress_of
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import ProviderUnavailable, Refund, RefundState
from chalicelib.ports.store import Delete, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.effect.answer import session_owner
from chalicelib.usecases.effect.waiting import replacing as replacing_owner
from chalicelib.usecases.effect.waiting import rows_of
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.payment.converted import moved_later
from chalicelib.usecases.records import find, write_rows_first
from chalicelib.usecases.session.read import record as session_record
from chalicelib.usecases.session.save import again, replacing, watch
from chalicelib.usecases.window.sealed import rows


class RefundNotRecorded(NotYet):
    """The news overtook the refund's own answer."""

    code = "refund_not_recorded"

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} came back before it was recorded")
        self.reference = reference


class NothingToGiveBack(Conflict):
    code = "nothing_to_give_back"
    how_to_fix = "read the session: its driver has all that is not owed, or it is on its way"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"{session_id} owes its driver nothing that could be refunded now")
        self.session_id = session_id


def follow_refund(ports: Ports, refund: Refund) -> str | None:
    """Book a refund that came back, once; None: it is of nothing of ours. Raises NotYet."""
    if refund.state is not RefundState.FAILED:
        return refund.owner
    of_top_up = refund.owner.startswith("top_")
    return again(lambda: (_of_top_up if of_top_up else _of_session)(ports, refund))


def refunds_returned(ports: Ports) -> list[str]:
    """The sessions whose driver has to have a refund again, for staff."""
    return [row.key.sk for row in rows(ports, keys.refunds_returned())]


def _of_session(ports: Ports, refund: Refund) -> str | None:
    record = find(ports.store, keys.session(refund.owner), Session)
    if record is None:
        return None
    session, at, name = record.value, ports.clock.now(), f"refund_failed:{refund.reference}"
    if any(booked.name == name for booked in session.booked):
        return record.key.pk
    given = session.payment.refunded
    if given is None or given < refund.money:
        raise RefundNotRecorded(refund.reference)
    payment = replace(session.payment, refunded=given - refund.money)
    made = refund_entry(
        session_owner(session),
        session.partner_id,
        -refund.money,
        at,
        converted=_converted(session.payment.converted, refund),
        name=name,
        reference=refund.payment,
        refund=refund.reference,
    )
    session, write = book(replace(session, payment=payment), name, made, at)
    session = told(session, at, "session.refund_failed", minor=str(refund.money.minor))
    listed = Put(Key(keys.refunds_returned(), session.id), {}, expects=None)
    write_rows_first(ports.store, listed, replacing(record, session, at), write)
    return record.key.pk


def _of_top_up(ports: Ports, refund: Refund) -> str | None:
    record = find(ports.store, keys.top_up(refund.owner), TopUp)
    if record is None:
        return None
    top_up, at = record.value, ports.clock.now()
    if refund.reference in top_up.came_back:
        return record.key.pk
    done = [part for part in top_up.refunds if part.done and part.money == refund.money]
    if not done:
        raise RefundNotRecorded(refund.reference)
    back = replace(done[-1], done=False, reason="came_back")
    parts = tuple(back if part.number == back.number else part for part in top_up.refunds)
    now = replace(top_up, refunds=parts, came_back=(*top_up.came_back, refund.reference))
    now = told_owner(now, at, "balance.refund_failed", minor=str(refund.money.minor))
    kept = read_purse(ports, top_up.partner_id, PaymentMethod.PREPAID, refund.money.currency)
    write_rows_first(
        ports.store,
        *rows_of(now, record.key.pk),
        replacing_owner(record, now, at),
        *writes_of(kept, kept.purse.fund(refund.money)),
        _entry(ports, top_up, refund),
    )
    return record.key.pk


def _entry(ports: Ports, top_up: TopUp, refund: Refund) -> Put:
    at, money = ports.clock.now(), refund.money
    converted = _converted(top_up.converted, refund)
    made = entry(
        keys.top_up(top_up.id).pk,
        f"refund_failed:{refund.reference}",
        Event.TOP_UP_REFUND,
        at,
        ((Account(Purpose.PREPAID, top_up.partner_id), -money), *moved(money, RAIL, converted)),
        reference=refund.payment,
        refund=refund.reference,
        **rate_of(converted),
    )
    return Put(keys.entry(window_id(at, channel(ports).time_zone), made.id), to_plain(made))


def _converted(first: Converted | None, refund: Refund) -> Converted | None:
    """What came back into a balance of another currency; it may lag behind the word of it."""
    if first is not None and refund.came_back is None:
        raise ProviderUnavailable(f"what came back of {refund.reference} is not known yet")
    return moved_later(first, refund.came_back)


def refund_again(ports: Ports, session_id: str) -> Money:
    """Staff have the driver refunded once more, all that is not owed. Raises NothingToGiveBack."""

    def decide() -> Money:
        record = session_record(ports, session_id)
        session, at = record.value, ports.clock.now()
        back = paid_too_much(session)
        ready = can(session.payment, PaymentEvent.REFUND) and not has(session, EffectKind.EVEN_OUT)
        if not back.minor or not ready:
            raise NothingToGiveBack(session_id)
        named = redress_of(session).disputes
        session = added(session, EffectKind.EVEN_OUT, at, dispute=named[-1] if named else "")
        listed = Delete(Key(keys.refunds_returned(), session_id))
        put = replacing(record, session, at)
        write_rows_first(ports.store, watch(session_id, at), put, listed)
        return back

    return again(decide)
