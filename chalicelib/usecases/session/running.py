"""What does a session cost so far, by the pinned tariff?"""

from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.session.terms import terms_of
from chalicelib.usecases.tariff.read import gross_of, prepared

_S_PER_H = 3600


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
    result = price(prepared(ports, session.tariff_hash, session.time_zone), usage_of(report))
    terms = terms_of(ports, session)
    rate = terms.drivers_rate(session.country, report.start.date())
    gross = gross_of(result, rate, session.payment.hold.currency)
    if session.payment.method is PaymentMethod.CARD:
        gross = card_amount(gross)
    return gross - terms.rebate(gross, report.kwh)
