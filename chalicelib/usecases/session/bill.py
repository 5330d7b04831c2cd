"""What does a finished session cost, and whose money is it? Computed from its pinned inputs alone.

The same inputs give the same cents at any time: the sale, the evidence pack and an auditor all call
this. Nothing is written here.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Currency, Money, card_amount
from chalicelib.domain.revenue.allocate import Allocation, Sale, Worked, worked
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Bill, Claim, Session
from chalicelib.domain.tariff.compare import Comparison, compare
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.promise import promised
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.session.terms import Terms, terms_of
from chalicelib.usecases.tariff.read import gross_of, prepared

_PERIODS_MAX = 1500  # a day's session in minutes; the kept CDR must fit into one item (400 KB)


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a bill is a function of, beside the CDR. `captured` before the CDR came limits it."""

    tariff: PreparedTariff
    terms: Terms
    country: str
    time_zone: str  # the location's
    currency: Currency
    method: PaymentMethod
    captured: Money | None = None
    others: tuple[PreparedTariff, ...] = ()  # that the CPO published, and the CDR's periods name


@dataclass(frozen=True, slots=True)
class Billing:
    """`published` is the price by the pinned tariffs, `claimed` the CDR's, both gross.

    `gross` is what the driver pays: the lower of the two, less the rebate.
    """

    price: Price
    comparison: Comparison
    published: Money
    claimed: Money
    gross: Money
    worked: Worked
    terms: Terms
    sale: Sale

    @property
    def allocation(self) -> Allocation:
        return self.worked.allocation


def bill(ports: Ports, session: Session, cdr: ReceivedCdr) -> Billing:
    """Price a CDR by the session's tariff version; the driver pays the lower of price and claim.

    What was captured before the CDR came is the most that can be billed: more is the CPO's risk.
    Raises Invalid naming the CDR's field, or a refusal of the tax decision.
    """
    return billed(
        Pinned(
            tariff=prepared(ports, session.tariff_hash, session.time_zone),
            terms=terms_of(ports, session),
            country=session.country,
            time_zone=session.time_zone,
            currency=session.payment.hold.currency,
            method=session.payment.method,
            captured=session.payment.captured,
            others=others_of(ports, session),
        ),
        cdr,
    )


def others_of(ports: Ports, session: Session) -> tuple[PreparedTariff, ...]:
    """The further tariffs that were pinned when the CDR came."""
    hashes = session.other_tariffs or ()
    return tuple(prepared(ports, hash_, session.time_zone) for hash_ in hashes)


def billed(pinned: Pinned, cdr: ReceivedCdr) -> Billing:
    """The bill from its inputs alone: no table is asked, so an auditor can do the same."""
    _check(pinned.currency, cdr)
    code, terms = pinned.currency, pinned.terms
    day = cdr.end.astimezone(ZoneInfo(pinned.time_zone)).date()
    rate = terms.drivers_rate(pinned.country, day)
    result = promised(pinned.tariff, pinned.others, Usage(cdr.start, cdr.end, cdr.periods))
    published = gross_of(result, rate, code)
    claimed = gross_of(Price(cdr.total_cost.excl_vat, cdr.total_cost.incl_vat), rate, code)
    lower = min(published, claimed, key=lambda money: money.minor)
    card = pinned.method is PaymentMethod.CARD
    lower = card_amount(lower) if card else lower
    rebate = terms.rebate(lower, cdr.total_energy_kwh)
    if card:  # what is left is charged: it must be an amount that cards move, too
        rebate = lower - card_amount(lower - rebate)
    if pinned.captured is not None:
        lower = min(lower, pinned.captured + rebate, key=lambda money: money.minor)
    sale = terms.sale(lower, cdr.total_energy_kwh, pinned.country, day, rebate)
    found = worked(sale)
    return Billing(
        price=result,
        comparison=compare(result, cdr.total_cost, Money(1, code).exact),
        published=published,
        claimed=claimed,
        gross=found.allocation.gross,
        worked=found,
        terms=terms,
        sale=sale,
    )


def as_bill(billing: Billing, cdr: ReceivedCdr) -> Bill:
    """What the session remembers of its billing."""
    claim = None
    if billing.claimed > billing.published:
        excess = billing.claimed - billing.published
        verdict = billing.comparison.verdict.value
        claim = Claim(excess, billing.published, billing.claimed, verdict)
    allocation = billing.allocation
    return Bill(
        gross=billing.gross,
        energy_kwh=cdr.total_energy_kwh,
        cpo_due=allocation.cpo_due,
        partner_due=allocation.partner_due,
        platform=allocation.platform,
        vat_due=allocation.vat_due,
        claim=claim,
        rebate=allocation.rebate,
    )


def _check(agreed: Currency, cdr: ReceivedCdr) -> None:
    assert not cdr.credit, "a credit CDR is booked by its original, and never priced"
    if cdr.currency != agreed:
        raise Invalid("currency", f"{cdr.currency} is not the tariff's currency {agreed}")
    if len(cdr.periods) > _PERIODS_MAX:
        raise Invalid("charging_periods", f"more than {_PERIODS_MAX} periods")
    if cdr.end < cdr.start:
        raise Invalid("end_date_time", "the session ends before it starts")
    if cdr.total_cost.excl_vat < 0 or cdr.total_energy_kwh < 0:
        raise Invalid("total_cost", "a CDR that is not a credit is not negative")
