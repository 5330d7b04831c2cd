"""What does a session cost by a published tariff, and how is that made up?

Source: OCPI 2.2.1 mod_tariffs 11, mod_cdrs 10.3.1. Readings: docs/tariffs.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import getcontext, setcontext
from operator import attrgetter

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.finish import finish
from chalicelib.domain.tariff.measure import looks_expired, measure, measure_fixed, reserved
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.result import Price, PriceWarning
from chalicelib.domain.tariff.several import by_period
from chalicelib.domain.tariff.uncertain import warn_of_time
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_EXACT = EXACT.copy()
_START = attrgetter("start")
_EXPIRED = "nothing followed the reservation: it is taken to have expired"
_FIRST = "by OCPI 2.1.1 the first element that holds may mean one for all, or one a dimension"


def price(prepared: PreparedTariff, usage: Usage) -> Price:
    """Exact and explained; raises Invalid for a negative time.

    The whole session is priced by this one tariff, whichever its periods name: it is the one in
    force at the start, that the driver agreed to. What had to be assumed is in `warnings`.
    """
    return _priced((prepared,), None, usage)


def price_session(
    tariffs: Mapping[str, PreparedTariff], usage: Usage, default: PreparedTariff | None = None
) -> Price:
    """Each period by the tariff that its `tariff_id` names, letters' case aside.

    `default` prices periods that name none, or one that is not among them; without a default, the
    first that is named does. The counters and a FLAT are the session's, a step is its tariff's, and
    the limits are those of the tariff in force at the start. Raises Invalid where no tariff is
    named at all, CurrenciesDiffer where they have more than one currency.
    """
    periods = _in_order(usage)
    chosen = by_period(tariffs, periods, default)
    return _priced(tuple(dict.fromkeys(chosen)), chosen[: len(periods)], usage)


def _in_order(usage: Usage) -> Sequence[ChargingPeriod]:
    periods = usage.periods
    return sorted(periods, key=_START) if len(periods) > 1 else periods


def _priced(
    tariffs: tuple[PreparedTariff, ...],
    chosen: Sequence[PreparedTariff] | None,
    usage: Usage,
) -> Price:
    """`tariffs` are all of the session, the first in force at its start; `chosen` by period."""
    periods, meter, notes, first = _in_order(usage), Meter(), Notes(), tariffs[0]
    inferred = False
    before = getcontext()
    setcontext(_EXACT)  # localcontext() copies, at a tenth of a simple price's time
    try:
        if first.always is not None and len(tariffs) == 1 and not reserved(periods):
            measure_fixed(first.tariff.id, first.always, periods, meter, notes)
        else:
            inferred = usage.expired is None and looks_expired(periods)
            by_number = chosen or [first] * len(periods)
            measure(
                by_number, usage, periods, meter, notes, expired=inferred or bool(usage.expired)
            )
        timed = first.timed
        if len(tariffs) > 1:
            timed = tuple(each for one in tariffs for each in one.timed)
        if timed:
            warn_of_time(usage, periods, timed, notes)
        found = finish(tariffs, periods, meter, notes)
        if inferred:
            other = _priced(tariffs, chosen, replace(usage, expired=False))
            found = _either(found, other, "reservation_expired", _EXPIRED)
        if first.otherwise is not None or len(tariffs) > 1:
            found = _other_first(found, tariffs, chosen, usage)
        return found
    finally:
        setcontext(before)


def _other_first(
    found: Price,
    tariffs: tuple[PreparedTariff, ...],
    chosen: Sequence[PreparedTariff] | None,
    usage: Usage,
) -> Price:
    """By the other reading of which element is the first, if there is one that matters."""
    others = {one: one.otherwise for one in tariffs if one.otherwise is not None}
    if not others:
        return found
    swapped = None if chosen is None else [others.get(one, one) for one in chosen]
    all_ = tuple(others.get(one, one) for one in tariffs)
    other = _priced(all_, swapped, usage)
    same = (other.excl_vat, other.incl_vat) == (found.excl_vat, found.incl_vat)
    return found if same else _either(found, other, "first_element", _FIRST)


def _either(found: Price, other: Price, code: str, text: str) -> Price:
    off = abs(found.excl_vat - other.excl_vat)
    return replace(found, warnings=(*found.warnings, PriceWarning(code, text, off)))
