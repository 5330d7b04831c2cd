"""Which tariff prices which period, where a session has more than one, and what does that open?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import CurrenciesDiffer
from chalicelib.domain.tariff.limit import Total, limited
from chalicelib.domain.tariff.meter import Meter, Notes, over
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import ChargingPeriod

_HOUR_S = 3600
_ZERO = Decimal(0)


def by_period(
    tariffs: Mapping[str, PreparedTariff],
    periods: Sequence[ChargingPeriod],
    default: PreparedTariff | None,
) -> list[PreparedTariff]:
    """One for each period; of a session without periods, the one that would price it."""
    known = {name.lower(): one for name, one in tariffs.items()}
    named = [known.get(period.tariff_id.lower()) for period in periods]
    if default is None:
        default = next((one for one in named if one is not None), None)
    if default is None and len(known) == 1:
        (default,) = known.values()
    if default is None:
        text = "no period names a tariff that is known"
        raise Invalid("charging_periods.0.tariff_id", text, "name one of the CDR's tariffs")
    chosen = [one or default for one in named] or [default]
    for one in chosen:
        if one.tariff.currency != chosen[0].tariff.currency:
            raise CurrenciesDiffer(chosen[0].tariff.currency, one.tariff.currency)
    return chosen


def warn_of_switch(meter: Meter, notes: Notes) -> None:
    """Only the last tariff rounds, on its own total.

    OCPI could also mean the session's total, or that each tariff rounds its own.
    """
    for last in (meter.energy, meter.timed):
        if last is None:
            continue
        kind, done = last.basis.dimension, meter.step_extra(last)
        left = {
            one.basis.tariff_id: one  # the last used of each tariff that was left
            for one in meter.used
            if one.basis.dimension is kind and one.basis.tariff_id != last.basis.tariff_id
        }
        if not left:
            continue
        totals = [meter.total(one) for one in left.values()]
        whole = over(sum(totals, meter.total(last)), last.step) - done
        own = sum((over(meter.total(one), one.step) * one.net for one in left.values()), _ZERO)
        off = max(abs(whole * last.net), abs(own)) / (1 if kind is Dimension.ENERGY else _HOUR_S)
        if off:
            text = "the tariff changed: only the last one's step_size counts, on its own part"
            notes.add("step_after_switch", text, off, kind)


def warn_of_limits(
    tariffs: Sequence[PreparedTariff], total: Total, result: Total, notes: Notes
) -> None:
    """The limits of the tariff in force at the start count; another's could be meant."""
    first = tariffs[0].tariff
    off = max(
        abs(limited(one.tariff, total, Notes()).excl_vat - result.excl_vat)
        for one in tariffs
        if (one.tariff.min_price, one.tariff.max_price) != (first.min_price, first.max_price)
    )
    text = "each tariff has its own limits: those of the tariff in force at the start were applied"
    notes.add("limit_of_first_tariff", text, off)
