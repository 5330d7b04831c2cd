"""What was used by a CDR, and what does it ask, if it is told just as OCPI asks?

To price very many, in a fraction of the time that the whole of each takes: no place, no path, no
note. What is told in any other way has no plain reading; `read_cdr` reads it.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from chalicelib.domain.iso4217 import MINOR_UNITS
from chalicelib.domain.money import Currency
from chalicelib.domain.tariff.usage import ChargingPeriod, Cost, Usage
from chalicelib.ocpi.lenient.basic import FINEST, FITTING, ID_CHARACTERS_MAX, plain_instant
from chalicelib.ocpi.lenient.period import PERIODS_MAX, plain_period


class Claim(NamedTuple):
    """Of one CDR."""

    cdr_id: str
    currency: Currency
    cost: Cost


def plain_claim(members: dict[str, Any]) -> Claim | None:
    """Of a 2.2.1 CDR; None where any of it is told otherwise."""
    id_, currency, cost = members.get("id"), members.get("currency"), members.get("total_cost")
    if type(id_) is not str or not id_.isascii() or not id_.isprintable() or id_ != id_.strip():
        return None
    if not 0 < len(id_) <= ID_CHARACTERS_MAX or type(cost) is not dict:
        return None
    excl, incl = _amount(cost.get("excl_vat")), cost.get("incl_vat")
    gross = None if incl is None else _amount(incl)
    if excl is None or (gross is None) is not (incl is None):
        return None
    if type(currency) is not str or currency not in MINOR_UNITS:
        return None
    return Claim(id_, Currency(currency), Cost(excl, gross))


def _amount(value: object) -> Decimal | None:
    if type(value) is int:
        value = Decimal(value)
    if type(value) is not Decimal or value.quantize(FINEST, None, FITTING) != value:
        return None
    return value


def plain_usage(members: dict[str, Any]) -> Usage | None:
    """Of a 2.2.1 or 2.3.0 CDR that is no credit; None where any of it is told otherwise."""
    start, end = members.get("start_date_time"), members.get("end_date_time")
    told = members.get("charging_periods")
    if type(start) is not str or type(end) is not str or type(told) is not list:
        return None
    if members.get("credit"):
        return None
    begun, ended = plain_instant(start), plain_instant(end)
    if begun is None or ended is None or ended < begun or not 0 < len(told) <= PERIODS_MAX:
        return None
    periods: list[ChargingPeriod] = []
    for value in told:
        period = plain_period(value, "") if type(value) is dict else None
        if period is None or (periods and period.start < periods[-1].start):
            return None
        periods.append(period)
    return Usage(begun, ended, tuple(periods))
