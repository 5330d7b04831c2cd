"""What does a finished session cost, and whose money is it? Computed from its pinned inputs alone.

The same inputs give the same cents at any time: the sale, the evidence pack and an auditor all call
this. Nothing is written here.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Money
from chalicelib.domain.revenue.allocate import Allocation
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Bill, Claim, Session
from chalicelib.domain.tariff.compare import Comparison, compare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.session.terms import Terms, terms_of
from chalicelib.usecases.tariff.read import gross_of, prepared

_PERIODS_MAX = 1500  # a day's session in minutes; the kept CDR must fit into one item (400 KB)


@dataclass(frozen=True, slots=True)
class Billing:
    """`published` is the price by the pinned tariff, `claimed` the CDR's, both gross."""

    price: Price
    comparison: Comparison
    published: Money
    claimed: Money
    gross: Money
    allocation: Allocation
    terms: Terms


def bill(ports: Ports, session: Session, cdr: ReceivedCdr) -> Billing:
    """Price a CDR by the session's tariff version; the driver pays the lower of price and claim.

    What was captured before the CDR came is the most that can be billed: more is the CPO's risk.
    Raises Invalid naming the CDR's field, or a refusal of the tax decision.
    """
    _check(session, cdr)
    code = session.payment.hold.currency
    terms = terms_of(ports, session)
    day = cdr.end.astimezone(ZoneInfo(session.time_zone)).date()
    rate = terms.drivers_rate(session.country, day)
    tariff = prepared(ports, session.tariff_hash, session.time_zone)
    result = price(tariff, Usage(cdr.start, cdr.end, cdr.periods))
    published = gross_of(result, rate, code)
    claimed = gross_of(Price(cdr.total_cost.excl_vat, cdr.total_cost.incl_vat), rate, code)
    gross = min(published, claimed, key=lambda money: money.minor)
    if session.payment.captured is not None:
        gross = min(gross, session.payment.captured, key=lambda money: money.minor)
    return Billing(
        price=result,
        comparison=compare(result, cdr.total_cost),
        published=published,
        claimed=claimed,
        gross=gross,
        allocation=terms.allocate(gross, cdr.total_energy_kwh, session.country, day),
        terms=terms,
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
    )


def _check(session: Session, cdr: ReceivedCdr) -> None:
    if cdr.credit:
        raise Invalid("credit", "credit CDRs are not accepted yet", "agree the credit with staff")
    if cdr.currency != session.payment.hold.currency:
        agreed = session.payment.hold.currency
        raise Invalid("currency", f"{cdr.currency} is not the tariff's currency {agreed}")
    if len(cdr.periods) > _PERIODS_MAX:
        raise Invalid("charging_periods", f"more than {_PERIODS_MAX} periods")
    if cdr.end < cdr.start:
        raise Invalid("end_date_time", "the session ends before it starts")
    if cdr.total_cost.excl_vat < 0 or cdr.total_energy_kwh < 0:
        raise Invalid("total_cost", "a CDR that is not a credit is not negative")
