"""What exactly is a driver told with a quote? Prices, changes, worst case, from its pinned version.

A quote's record keeps the plan and the sums; the rest follows from them whenever it is asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.session.quote import START_WITHIN, Quote
from chalicelib.domain.tariff.display import PriceDisplay, display
from chalicelib.domain.tariff.quote import Estimate, HoldReason, estimate, hold_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreement_by_id
from chalicelib.usecases.session.terms import Terms, terms_for
from chalicelib.usecases.tariff.read import gross_of, prepared

VALID_FOR = timedelta(minutes=30)
_LONGEST = timedelta(hours=58)  # a plan has 48 hours, and a fifth more at the worst


@dataclass(frozen=True, slots=True)
class Offer:
    """`hold` is at least `worst`, the most that a session within the estimate's bounds costs.

    `price` is by the tariff; the driver is expected to pay it less the `rebate`. Neither hold nor
    worst case counts on a rebate.
    """

    estimate: Estimate
    display: PriceDisplay
    price: Money
    rebate: Money
    expected: Money
    worst: Money
    hold: Money
    hold_reason: HoldReason


def offer_of(ports: Ports, quote: Quote) -> Offer:
    """The offer of a quote on record, or of one that is being made (its sums are not read)."""
    agreement = agreement_by_id(ports, quote.partner_id, quote.agreement_id)
    return offer(ports, quote, terms_for(ports, agreement, quote.cpo_id, quote.made_at))


def offer(ports: Ports, quote: Quote, terms: Terms) -> Offer:
    tariff = prepared(ports, quote.tariff_hash, quote.time_zone)
    starts = _starts(quote)
    rate = _rate(quote, terms, starts)
    plan = estimate(
        tariff,
        quote.arrives_at,
        quote.energy_kwh,
        quote.duration_s or None,
        power=quote.power or (),
        starts=starts,
        vat=rate,
    )
    code = tariff.tariff.currency
    assert plan.worst.incl_vat is not None, "a rate was given"
    card = terms.agreement.payment_method is PaymentMethod.CARD
    hold = hold_of(plan.worst.incl_vat, tariff.tariff, card=card)
    least = Money(1, code)  # nothing at all cannot be held
    held = max(Money.rounded(hold.amount, code), least)
    price = gross_of(plan.expected, rate, code)
    price = card_amount(price) if card else price
    rebate = terms.rebate(price, quote.energy_kwh)
    return Offer(
        estimate=plan,
        display=display(tariff, plan.planned, quote.power_max_w, rate),
        price=price,
        rebate=rebate,
        expected=price - rebate,
        worst=Money.rounded(plan.worst.incl_vat, code),
        hold=card_amount(held, up=True) if card else held,
        hold_reason=hold.reason,
    )


def _starts(quote: Quote) -> tuple[datetime, datetime]:
    """Between which instants a session from this quote may begin."""
    if quote.binding:
        return quote.made_at, quote.expires_at + START_WITHIN
    return quote.arrives_at, quote.arrives_at + VALID_FOR + START_WITHIN


def _rate(quote: Quote, terms: Terms, starts: tuple[datetime, datetime]) -> Decimal:
    """The driver's VAT where the tariff states none: the highest of the days that are possible."""
    zone = ZoneInfo(quote.time_zone)
    days = {at.astimezone(zone).date() for at in (starts[0], starts[1] + _LONGEST)}
    return max(terms.drivers_rate(quote.country, day) for day in days)
