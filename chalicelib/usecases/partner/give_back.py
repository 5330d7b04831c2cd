"""How does a partner get unused balance back? To the source of a top-up, one refund at a time.

What goes back is reserved from the moment that it is asked for, so that no session uses it.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod, Role
from chalicelib.domain.codec import to_plain
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, moved, rate_of
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.payment.allotment import Reservation
from chalicelib.domain.payment.top_up import GivenBack, TopUp, TopUpDiffers, TopUpState
from chalicelib.domain.payment.waiting import added, settled, told
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import PaymentRefused, ProviderUnavailable
from chalicelib.ports.store import Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import prepaid_agreements
from chalicelib.usecases.effect.answer import answered
from chalicelib.usecases.effect.waiting import Came, replacing, rows_of
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.payment.converted import gone_back
from chalicelib.usecases.records import load, write_rows_first
from chalicelib.usecases.session.save import again


class NotOursToGiveBack(Forbidden):
    """The balance was taken for the CPOs, whose agent the channel is."""

    code = "balance_not_refundable"


def give_balance_back(
    ports: Ports, partner_id: PartyId, top_up_id: str, money: Money, key: str
) -> TopUp:
    """Send unused balance back to the source of a top-up; it is reserved until that is done.

    The same key is the same refund, however often it is asked for.
    """
    id_ = external_id("gvb", top_up_id, key)

    def decide() -> TopUp:
        record = load(ports.store, keys.top_up(top_up_id), TopUp, "top_up")
        top_up, at = record.value, ports.clock.now()
        if top_up.partner_id != partner_id:
            raise NotFound("top_up", top_up_id, "top_up_id")
        before = next((part for part in top_up.refunds if part.asked == id_), None)
        if before is not None and before.money != money:
            raise TopUpDiffers(top_up_id)
        if before is not None:
            return top_up
        _may_go_back(ports, partner_id, top_up, money)
        kept = read_purse(ports, partner_id, PaymentMethod.PREPAID, money.currency)
        purse, reservation = kept.purse.reserve(money, 0)
        number = len(top_up.refunds) + 1
        part = GivenBack(number, money, str(reservation), asked=id_)
        asked = replace(top_up, refunds=(*top_up.refunds, part))
        asked = added(asked, EffectKind.REFUND, at, {"number": str(number)})
        rows = (*rows_of(asked, record.key.pk), listed_top_up(asked, at))
        write_rows_first(ports.store, *rows, replacing(record, asked, at), *writes_of(kept, purse))
        return asked

    return again(decide)


def listed_top_up(top_up: TopUp, at: datetime) -> Put:
    """The row by which what waits is found, in the partner's list of the month."""
    return Put(Key(keys.partner_top_ups(top_up.partner_id, f"{at:%Y%m}"), top_up.id), {}, None)


def _may_go_back(ports: Ports, partner_id: PartyId, top_up: TopUp, money: Money) -> None:
    if top_up.state is not TopUpState.PAID:
        raise Invalid("top_up_id", f"{top_up.id} is not paid")
    if not 0 < money.minor <= top_up.left.minor or card_amount(money) != money:
        raise Invalid("money", f"{money} is not above zero and at most {top_up.left}")
    day = ports.clock.now().date()
    prepaid = prepaid_agreements(ports, partner_id, day)
    if not prepaid or any(a.role is not Role.COMMISSION_CHAIN for a in prepaid):
        raise NotOursToGiveBack("the channel does not sell to this partner in its own name")


def refund(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    number, at = int(effect.detail["number"]), ports.clock.now()
    part = next(known for known in top_up.refunds if known.number == number)
    if any(not p.is_decided for p in top_up.refunds if p.number < number):
        raise ProviderUnavailable(f"refund {number} of {top_up.id} waits for those before it")
    before = sum(p.money.minor for p in top_up.refunds if p.done)
    goal = Money(before + part.money.minor, part.money.currency)
    kept = read_purse(ports, top_up.partner_id, PaymentMethod.PREPAID, part.money.currency)
    reservation = Reservation.read(part.reservation)
    try:
        answer = answered(
            ports,
            effect,
            lambda: ports.payments.read(top_up.reference),
            lambda: ports.payments.refund(top_up.reference, part.money, f"{top_up.id}:{effect.id}"),
            lambda found: found.refunded is not None and found.refunded >= goal,
        )
    except PaymentRefused as refusal:
        freed = writes_of(kept, kept.purse.free(reservation))
        failed = _with(settled(top_up, effect), replace(part, reason=refusal.provider_code))
        minor = str(part.money.minor)
        return Came(told(failed, at, "balance.refund_failed", minor=minor), freed)
    if answer.refunded is None or answer.refunded < goal:
        raise ProviderUnavailable(f"the refund of {top_up.reference} is not done yet")
    earlier = Money(before, part.money.currency)
    converted = gone_back(top_up.converted, [(answer, earlier, part.money)])
    done = _with(settled(top_up, effect), replace(part, done=True))
    done = told(done, at, "balance.refunded", minor=str(part.money.minor))
    purse = writes_of(kept, kept.purse.withdraw(reservation))
    return Came(done, (*purse, _entry(ports, top_up, part, converted)))


def _with(top_up: TopUp, part: GivenBack) -> TopUp:
    parts = tuple(part if known.number == part.number else known for known in top_up.refunds)
    return replace(top_up, refunds=parts)


def _entry(ports: Ports, top_up: TopUp, part: GivenBack, converted: Converted | None) -> Write:
    at = ports.clock.now()
    account = Account(Purpose.PREPAID, top_up.partner_id)
    booked = entry(
        keys.top_up(top_up.id).pk,
        f"refund_{part.number}",
        Event.TOP_UP_REFUND,
        at,
        ((account, part.money), *moved(-part.money, RAIL, converted)),
        reference=top_up.reference,
        **rate_of(converted),
    )
    window = window_id(at, channel(ports).time_zone)
    return Put(keys.entry(window, booked.id), to_plain(booked))
