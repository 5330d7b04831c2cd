"""What occurred in a random pair? So that a million pairs cannot pass by being all alike."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from chalicelib.domain.tariff.tariff import FirstMatch, TaxIncluded
from chalicelib.domain.tariff.usage import Usage
from tests.properties.random_tariffs import Pair
from tests.properties.reference_billing import FLAT, PARKING, TIME
from tests.properties.tariff_reference import Reckoning


def traits_of(pair: Pair, wanted: Reckoning) -> list[str]:
    return [*_of_tariffs(pair), *_of_usage(pair.usage, pair.zone), *_of_price(wanted)]


def _of_tariffs(pair: Pair) -> Iterator[str]:
    if len(pair.tariffs) > 1:
        yield "several tariffs at hand"
    first = pair.tariffs[0]
    if first.first_match is FirstMatch.PER_ELEMENT:
        yield "the first element decides all (2.1.1)"
    if first.tax_included is not TaxIncluded.NO:
        yield f"tax included: {first.tax_included.value}"
    if len(first.elements) > 5:
        yield "more than 5 elements"


def _of_usage(usage: Usage, zone: str) -> Iterator[str]:
    starts = [period.start for period in usage.periods]
    if starts != sorted(starts):
        yield "periods out of order"
    place = ZoneInfo(zone)
    if usage.start.astimezone(place).utcoffset() != usage.end.astimezone(place).utcoffset():
        yield "the clocks change within the session"
    if any(period.reservation_time_h is not None for period in usage.periods):
        yield "reservation"
    if any((period.energy_kwh or 0) < 0 for period in usage.periods):
        yield "energy fed back"


def _of_price(wanted: Reckoning) -> Iterator[str]:
    uses = wanted.uses
    hours = [use.component.type for use in uses if use.component.type in (TIME, PARKING)]
    traits = {
        "nothing billed": not uses,
        "FLAT billed": any(use.component.type is FLAT for use in uses),
        "reservation billed": any(use.reserved for use in uses),
        "a later element billed": any(use.element for use in uses),
        "several tariffs billed": len({use.tariff.id for use in uses}) > 1,
        "step_size added something": any(use.step for use in uses),
        "charging after parking": bool(hours) and hours[-1] is TIME and PARKING in hours,
        "a negative price billed": any(use.component.price < 0 for use in uses),
        "a limit changed the total": wanted.total != wanted.before,
        "VAT not stated": wanted.before.incl is None,
        "net not derivable": wanted.before.excl is None,
    }
    return (trait for trait, occurred in traits.items() if occurred)
