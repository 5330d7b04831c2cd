"""How is a random pair shown to a person? The notation of the golden cases, and what is beyond it.

`tests/golden/tariff_notation.py` explains it: a pair that differs is nearly a golden case already.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

from chalicelib.domain.tariff.tariff import PriceLimit, Tariff, TariffElement
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from tests.properties.random_tariffs import Pair

_VOLUMES = {
    "energy_kwh": "ENERGY",
    "time_h": "TIME",
    "parking_time_h": "PARKING_TIME",
    "reservation_time_h": "RESERVATION_TIME",
    "min_current_a": "MIN_CURRENT",
    "max_current_a": "MAX_CURRENT",
    "min_power_kw": "MIN_POWER",
    "max_power_kw": "MAX_POWER",
}
_NAMES = {"min_duration_s": "min_duration", "max_duration_s": "max_duration"}


def written(pair: Pair) -> str:
    return "\n".join([*_tariffs(pair.tariffs), *_session(pair.usage, pair.zone)])


def _tariffs(tariffs: tuple[Tariff, ...]) -> Iterator[str]:
    for tariff in tariffs:
        yield f"tariff {tariff.id}, tax {tariff.tax_included.value}, {tariff.first_match.value}"
        for name, limit in (("min_price", tariff.min_price), ("max_price", tariff.max_price)):
            if limit is not None:
                yield f"  {name} {_limit(limit)}"
        for number, element in enumerate(tariff.elements):
            yield f"  {number:>2} {_element(element)}"


def _limit(limit: PriceLimit) -> str:
    return " ".join("-" if one is None else str(one) for one in (limit.excl_vat, limit.incl_vat))


def _element(element: TariffElement) -> str:
    parts = []
    for part in element.price_components:
        vat = "" if part.vat is None else f" vat {part.vat}"
        step = f" step {part.step_size}" if part.step_size else ""
        parts.append(f"{part.type.value} {part.price}{vat}{step}")
    limits = []
    for one in fields(element.restrictions):
        value = getattr(element.restrictions, one.name)
        if value is not None and value != ():
            shown = ",".join(value) if isinstance(value, tuple) else str(value)
            limits.append(f"{_NAMES.get(one.name, one.name)} {shown}")
    return " + ".join(parts) + (f" when {' '.join(limits)}" if limits else "")


def _session(usage: Usage, zone: str) -> Iterator[str]:
    expired = {None: "not told", True: "yes", False: "no"}[usage.expired]
    yield f"session in {zone}, expired: {expired}"
    yield f"  {_instant(usage.start)} start"
    for period in usage.periods:
        yield f"  {_instant(period.start)}{_told(period)} tariff {period.tariff_id or '-'}"
    yield f"  {_instant(usage.end)} end"


def _told(period: ChargingPeriod) -> str:
    told = {name: getattr(period, field) for field, name in _VOLUMES.items()}
    return "".join(f" {name} {value}" for name, value in told.items() if value is not None)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")
