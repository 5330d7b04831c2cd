"""Why does a session cost what it does, component by component and period by period?"""

from collections.abc import Mapping
from decimal import Decimal, getcontext, setcontext

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.finish import amounts
from chalicelib.domain.tariff.meter import Counted, Meter
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.price import in_order, price_into, price_session_into
from chalicelib.domain.tariff.result import Explanation, PeriodLine
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_EXACT = EXACT.copy()
_HOUR_S = 3600
_ZERO = Decimal(0)


def explain(prepared: PreparedTariff, usage: Usage) -> Explanation:
    """The price, and a line for each component and period; refuses what `price` refuses."""
    counted: list[Counted] = []
    meter = Meter(counted)
    return Explanation(price_into(meter, prepared, usage), _lines(meter, counted, usage))


def explain_session(
    tariffs: Mapping[str, PreparedTariff], usage: Usage, default: PreparedTariff | None = None
) -> Explanation:
    """`price_session`, explained."""
    counted: list[Counted] = []
    meter = Meter(counted)
    price = price_session_into(meter, tariffs, usage, default)
    return Explanation(price, _lines(meter, counted, usage))


def _lines(meter: Meter, counted: list[Counted], usage: Usage) -> tuple[PeriodLine, ...]:
    """In order of the periods. What `step_size` adds stands where its component was used last."""
    periods, extras = in_order(usage), dict(meter.extras)
    found: list[PeriodLine] = []
    before = getcontext()
    setcontext(_EXACT)
    try:
        for one in reversed(counted):
            extra = _ZERO
            if extras and one.candidate is not None:
                extra = extras.pop(one.candidate, _ZERO)
            found.append(_line(one, periods[one.period], extra, meter.hourly))
    finally:
        setcontext(before)
    found.reverse()
    return tuple(found)


def _line(
    counted: Counted,
    period: ChargingPeriod,
    extra: Decimal,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> PeriodLine:
    number, dimension, candidate, volume = counted
    if candidate is None:
        return PeriodLine(number, period.start, period.tariff_id, dimension, volume=volume)
    excl, incl = amounts(candidate, volume + extra if extra else volume, hourly)
    if hourly:
        excl, incl = excl / _HOUR_S, None if incl is None else incl / _HOUR_S
    return PeriodLine(
        number,
        period.start,
        candidate.tariff_id,
        dimension,
        candidate.reservation,
        candidate.element,
        candidate.why,
        volume,
        extra,
        candidate.component.price,
        candidate.vat,
        excl,
        incl,
    )
