"""What does a session cost so far, by the pinned tariff?"""

from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.session.terms import terms_of
from chalicelib.usecases.tariff.read import gross_of, prepared

NEAR_HOLD = (4, 5)  # at 4/5 of the hold it is extended, or the charger is stopped
_S_PER_H = 3600
HIGHEST_RATE = EUROPE.rates.highest()


def usage_of(report: ReportedSession) -> Usage:
    """What was used until the last report. A CPO that sends no periods still sends kWh."""
    end = report.end or report.last_updated
    periods = report.periods
    if not periods:
        hours = Decimal(int((end - report.start).total_seconds())) / _S_PER_H
        periods = (ChargingPeriod(report.start, energy_kwh=report.kwh, time_h=hours),)
    return Usage(report.start, end, periods)


def running_cost(ports: Ports, session: Session, report: ReportedSession) -> Money:
    """The driver's gross until now, less its rebate."""
    terms = terms_of(ports, session)
    rate = terms.drivers_rate(session.country, report.start.date())
    gross = _gross(ports, session, report, rate)
    cost = gross - terms.rebate(gross, report.kwh)
    return card_amount(cost) if session.payment.method is PaymentMethod.CARD else cost


def at_most(ports: Ports, session: Session, report: ReportedSession) -> Money:
    """What `running_cost` does not exceed, on whatever terms: none are read for it."""
    return _gross(ports, session, report, HIGHEST_RATE)


def near_hold(session: Session, cost: Money) -> bool:
    return cost.minor * NEAR_HOLD[1] >= session.payment.hold.minor * NEAR_HOLD[0]


def money_of(session: Session, incl_vat: Decimal) -> Money:
    """A price as it is taken from the session's hold."""
    gross = Money.rounded(incl_vat, session.payment.hold.currency)
    return card_amount(gross) if session.payment.method is PaymentMethod.CARD else gross


def _gross(ports: Ports, session: Session, report: ReportedSession, rate: Decimal) -> Money:
    result = price(prepared(ports, session.tariff_hash, session.time_zone), usage_of(report))
    gross = gross_of(result, rate, session.payment.hold.currency)
    return card_amount(gross) if session.payment.method is PaymentMethod.CARD else gross
