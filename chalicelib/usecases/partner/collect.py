"""How does the channel collect a partner's top-up itself, and give unused balance back?

The top-up is recorded with its effect; the provider's answer, or later its webhook, makes it a
receipt (top_up.py), which books the money and funds the purse once. A direct debit that its bank
sends back after that is a chargeback of the top-up: the balance pays it, below zero if need be.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import PaymentMethod, Role
from chalicelib.domain.codec import to_plain
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import cash
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.payment import top_up as model
from chalicelib.domain.payment.allotment import Reservation
from chalicelib.domain.payment.decline import reason_of
from chalicelib.domain.payment.top_up import GivenBack, TopUp, TopUpEvent, TopUpState
from chalicelib.domain.payment.waiting import added, settled, told, without
from chalicelib.domain.session.effects import KEY_LIFE
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import (
    Hold,
    HoldRequest,
    HoldState,
    PaymentRefused,
    ProviderUnavailable,
)
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.effect.waiting import Came, replacing, rows_of, run_waiting
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.partner.top_up import top_up as receive_top_up
from chalicelib.usecases.party.read import channel, party
from chalicelib.usecases.records import create, find, load, write_rows_first
from chalicelib.usecases.session.save import again

_LOOK_EVERY = timedelta(hours=12)
_GIVEN_UP_AFTER = timedelta(days=21)  # a direct debit's bank has answered by then


class TopUpDiffers(Conflict):
    code = "top_up_differs"

    def __init__(self, top_up_id: str) -> None:
        super().__init__(f"{top_up_id} was asked for with another amount or source")
        self.top_up_id = top_up_id


class NotOursToGiveBack(Forbidden):
    """The balance was taken for the CPOs, whose agent the channel is."""

    code = "balance_not_refundable"


def ask_top_up(
    ports: Ports, partner_id: PartyId, money: Money, source: str, key: str, return_url: str = ""
) -> TopUp:
    """Record a top-up that the channel collects from a saved source; the same key is the same."""
    if party(ports, partner_id).kind is not PartyKind.PARTNER:
        raise Invalid("partner_id", f"{partner_id} is not a demand partner")
    if money.minor <= 0:
        raise Invalid("money", f"{money} is not above zero")
    id_, at = external_id("top", partner_id, key), ports.clock.now()
    place = keys.top_up(id_)
    known = find(ports.store, place, TopUp)
    if known is not None:
        if (known.value.money, known.value.source) != (money, source):
            raise TopUpDiffers(id_)
        return known.value
    asked = TopUp(
        id=id_,
        partner_id=partner_id,
        money=money,
        source=source,
        state=TopUpState.ASKED,
        asked_at=at,
        return_url=return_url,
    )
    asked = added(asked, EffectKind.COLLECT, at)
    write_rows_first(ports.store, *rows_of(asked, place.pk), create(place, asked, pending=1))
    return asked


def read_top_up(ports: Ports, partner_id: PartyId, top_up_id: str) -> TopUp:
    """A partner's own top-up; another's looks as if it were not there. Raises NotFound."""
    record = find(ports.store, keys.top_up(top_up_id), TopUp)
    if record is None or record.value.partner_id != partner_id:
        raise NotFound("top_up", top_up_id, "top_up_id")
    return record.value


def run_top_up(ports: Ports, pk: str) -> None:
    perform = {
        EffectKind.COLLECT: _collect,
        EffectKind.LOOK_UP: _look_up,
        EffectKind.REFUND: _refund,
    }
    run_waiting(ports, pk, TopUp, perform)


def top_up_changed(ports: Ports, top_up_id: str, hold: Hold) -> TopUp | None:
    """What the provider says of a top-up, by webhook. None: it is none of ours."""

    def decide() -> TopUp | None:
        record = find(ports.store, keys.top_up(top_up_id), TopUp)
        if record is None or record.value.state not in model.OPEN:
            return None if record is None else record.value
        if record.value.reference not in {"", hold.reference}:
            return record.value
        came, at = _answered(ports, record.value, hold), ports.clock.now()
        rows = rows_of(came.owner, record.key.pk)
        write_rows_first(ports.store, *rows, *came.writes, replacing(record, came.owner, at))
        return came.owner

    return again(decide)


def _collect(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    key = f"{top_up.id}:{effect.id}"
    request = HoldRequest(top_up.id, top_up.money, top_up.source, top_up.return_url)
    if ports.clock.now() - effect.made_at < KEY_LIFE:
        answer = ports.payments.charge(request, key)
    else:
        found = ports.payments.find(top_up.id)
        if found is None:
            raise ProviderUnavailable(f"the outcome of {top_up.id} is unknown")
        answer = found
    return _answered(ports, settled(top_up, effect), answer)


def _look_up(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    """In case that the webhook was lost."""
    if top_up.state not in model.OPEN:
        return Came(settled(top_up, effect))
    return _answered(ports, settled(top_up, effect), ports.payments.read(top_up.reference))


def _answered(ports: Ports, top_up: TopUp, answer: Hold) -> Came[TopUp]:
    at = ports.clock.now()
    top_up = replace(top_up, reference=answer.reference, action_url=answer.action_url)
    if answer.captured is not None:
        if answer.fee is None:
            raise ProviderUnavailable(f"the fee of {answer.reference} is not known yet")
        # Booked by its own owner, once a reference: a repeat after a crash is the same receipt.
        receive_top_up(ports, top_up.partner_id, answer.captured, answer.reference, answer.fee)
        paid = model.advance(without(top_up, EffectKind.LOOK_UP), TopUpEvent.COLLECTED)
        return Came(told(paid, at, "balance.topped_up", minor=str(answer.captured.minor)))
    over = at - top_up.asked_at > _GIVEN_UP_AFTER
    if answer.state in {HoldState.PENDING, HoldState.ACTION_REQUIRED} and not over:
        return Came(_waits(top_up, answer, at))
    word = reason_of(answer.reason).value
    failed = model.advance(without(top_up, EffectKind.LOOK_UP), TopUpEvent.REFUSED)
    failed = replace(failed, reason=answer.reason)
    return Came(told(failed, at, "balance.top_up_failed", reason=word))


def _waits(top_up: TopUp, answer: Hold, at: datetime) -> TopUp:
    asks = answer.state is HoldState.ACTION_REQUIRED
    if asks and top_up.state is TopUpState.ASKED:
        top_up = model.advance(top_up, TopUpEvent.BANK_ASKS)
        top_up = told(top_up, at, "balance.action_required", url=answer.action_url)
    elif not asks and top_up.state is not TopUpState.PENDING:
        top_up = model.advance(top_up, TopUpEvent.ACCEPTED)
    return added(without(top_up, EffectKind.LOOK_UP), EffectKind.LOOK_UP, at, after=_LOOK_EVERY)


def give_balance_back(ports: Ports, partner_id: PartyId, top_up_id: str, money: Money) -> TopUp:
    """Send unused balance back to the source of a top-up; it is reserved until that is done."""

    def decide() -> TopUp:
        record = load(ports.store, keys.top_up(top_up_id), TopUp, "top_up")
        top_up, at = record.value, ports.clock.now()
        if top_up.partner_id != partner_id:
            raise NotFound("top_up", top_up_id, "top_up_id")
        _may_go_back(ports, partner_id, top_up, money)
        kept = read_purse(ports, partner_id, PaymentMethod.PREPAID, money.currency)
        purse, reservation = kept.purse.reserve(money, 0)
        number = len(top_up.refunds) + 1
        part = GivenBack(number, money, str(reservation))
        asked = replace(top_up, refunds=(*top_up.refunds, part))
        asked = added(asked, EffectKind.REFUND, at, {"number": str(number)})
        rows = rows_of(asked, record.key.pk)
        write_rows_first(ports.store, *rows, replacing(record, asked, at), *writes_of(kept, purse))
        return asked

    return again(decide)


def _may_go_back(ports: Ports, partner_id: PartyId, top_up: TopUp, money: Money) -> None:
    if top_up.state is not TopUpState.PAID:
        raise Invalid("top_up_id", f"{top_up.id} is not paid")
    if money.minor <= 0 or money > top_up.left:
        raise Invalid("money", f"{money} is not above zero and at most {top_up.left}")
    day = ports.clock.now().date()
    prepaid = [
        agreement
        for agreement in agreements_of(ports, partner_id)
        if agreement.holds_on(day) and agreement.payment_method is PaymentMethod.PREPAID
    ]
    if not prepaid or any(a.role is not Role.COMMISSION_CHAIN for a in prepaid):
        raise NotOursToGiveBack("the channel does not sell to this partner in its own name")


def _refund(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    number = int(effect.detail["number"])
    part = next(known for known in top_up.refunds if known.number == number)
    before = sum(p.money.minor for p in top_up.refunds if p.done)
    goal, key = before + part.money.minor, f"{top_up.id}:{effect.id}"
    kept = read_purse(ports, top_up.partner_id, PaymentMethod.PREPAID, part.money.currency)
    reservation = Reservation.read(part.reservation)
    try:
        answer = _given_back(ports, top_up, effect, part, goal, key)
    except PaymentRefused as refusal:
        freed = writes_of(kept, kept.purse.free(reservation))
        failed = replace(part, reason=refusal.provider_code)
        return Came(_with(settled(top_up, effect), failed), freed)
    if answer.refunded is None or answer.refunded.minor < goal:
        raise ProviderUnavailable(f"the refund of {top_up.reference} is not done yet")
    at = ports.clock.now()
    done = _with(settled(top_up, effect), replace(part, done=True))
    done = told(done, at, "balance.refunded", minor=str(part.money.minor))
    return Came(
        done, (*writes_of(kept, kept.purse.withdraw(reservation)), _entry(ports, top_up, part))
    )


def _given_back(
    ports: Ports, top_up: TopUp, effect: Effect, part: GivenBack, goal: int, key: str
) -> Hold:
    if ports.clock.now() - effect.made_at >= KEY_LIFE:
        found = ports.payments.read(top_up.reference)
        if found.refunded is not None and found.refunded.minor >= goal:
            return found
    return ports.payments.refund(top_up.reference, part.money, key)


def _with(top_up: TopUp, part: GivenBack) -> TopUp:
    parts = tuple(part if known.number == part.number else known for known in top_up.refunds)
    return replace(top_up, refunds=parts)


def _entry(ports: Ports, top_up: TopUp, part: GivenBack) -> Write:
    at = ports.clock.now()
    account = Account(Purpose.PREPAID, top_up.partner_id)
    booked = entry(
        keys.top_up(top_up.id).pk,
        f"refund_{part.number}",
        Event.TOP_UP_REFUND,
        at,
        ((account, part.money), (cash(), -part.money)),
        reference=top_up.reference,
    )
    window = window_id(at, channel(ports).time_zone)
    return Put(keys.entry(window, booked.id), to_plain(booked))
