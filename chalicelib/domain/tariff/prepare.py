"""How is a tariff made ready, once, to price many sessions at one place?"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.domain.tariff.rule import DAY_S, Check, Moment, checks, seconds
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    Reservation,
    Tariff,
)

_HOUR_S = 3600
_WH = 1000
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)
_RESERVABLE = (Dimension.TIME, Dimension.FLAT)


class TariffNotSupported(Rejected):
    """The tariff says something that has no reading here; `names` says what."""

    code = "tariff_not_supported"
    field = "elements"
    how_to_fix = "publish a tariff without the named parts"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"the tariff cannot be priced: {', '.join(names)}")
        self.names = names


@dataclass(frozen=True, slots=True, eq=False)  # compared and hashed by identity: it is fast
class Candidate:
    """A component that may be active, and the tests of its element.

    `rate` is the price of one kWh, second or session, times 3600: sums of it stay exact, and one
    division at the end makes money of them. `step` is in kWh or seconds, None: nothing to round.
    `factor` is 1 + VAT, None without a VAT statement.
    """

    component: PriceComponent
    element: int
    tests: tuple[Check, ...]
    rate: Decimal
    step: Decimal | None
    factor: Decimal | None
    reservation: bool


Candidates = tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Edges:
    """Where a price may change, ascending: seconds of the local day, kWh, s, kW, A."""

    clock_s: tuple[int, ...]
    kwh: tuple[Decimal, ...]
    duration_s: tuple[int, ...]
    power_kw: tuple[Decimal, ...]
    current_a: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class PreparedTariff:
    """Candidates of each dimension in the tariff's order; `fixed`: no restriction matters."""

    tariff: Tariff
    zone: ZoneInfo
    energy: Candidates
    time: Candidates
    parking: Candidates
    flat: Candidates
    reserved_time: Candidates
    reserved_flat: Candidates
    expired_time: Candidates
    expired_flat: Candidates
    edges: Edges
    fixed: bool


def active(candidates: Candidates, moment: Moment) -> Candidate | None:
    """The first element that holds wins, per dimension; none: the dimension costs nothing."""
    for candidate in candidates:
        for test in candidate.tests:
            if not test(moment):
                break
        else:
            return candidate
    return None


def prepare(tariff: Tariff, time_zone: str) -> PreparedTariff:
    """Raises TariffNotSupported by name, and Invalid for a zone that is not in the IANA list."""
    names = (*tariff.unsupported, *_negative(tariff))
    if names:
        raise TariffNotSupported(names)
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("time_zone", f"{time_zone!r} is not an IANA time zone") from error
    session = {kind: _candidates(tariff, kind, None) for kind in Dimension}
    reserved = {kind: _candidates(tariff, kind, Reservation.RESERVATION) for kind in _RESERVABLE}
    expired = {
        kind: _candidates(tariff, kind, Reservation.RESERVATION_EXPIRES) + reserved[kind]
        for kind in _RESERVABLE
    }
    return PreparedTariff(
        tariff=tariff,
        zone=zone,
        energy=session[Dimension.ENERGY],
        time=session[Dimension.TIME],
        parking=session[Dimension.PARKING_TIME],
        flat=session[Dimension.FLAT],
        reserved_time=reserved[Dimension.TIME],
        reserved_flat=reserved[Dimension.FLAT],
        expired_time=expired[Dimension.TIME],
        expired_flat=expired[Dimension.FLAT],
        edges=_edges(tariff),
        fixed=not any(one.tests for part in session.values() for one in part),
    )


def _candidates(tariff: Tariff, kind: Dimension, use: Reservation | None) -> Candidates:
    """In order, up to the first that always holds: what stands behind it can never be active."""
    found: list[Candidate] = []
    for number, component in _components(tariff, kind, use):
        tests = checks(tariff.elements[number].restrictions)
        rate = component.price if kind in _TIMED else component.price * _HOUR_S
        step = _step(component)
        factor = None if component.vat is None else 1 + component.vat / 100
        found.append(Candidate(component, number, tests, rate, step, factor, use is not None))
        if not tests:
            break
    return tuple(found)


def _step(component: PriceComponent) -> Decimal | None:
    """In the unit that is billed; 0 is none, and a FLAT has nothing to round."""
    if component.step_size == 0 or component.type is Dimension.FLAT:
        return None
    step = Decimal(component.step_size)
    return step / _WH if component.type is Dimension.ENERGY else step


def _components(
    tariff: Tariff, kind: Dimension, use: Reservation | None
) -> Iterator[tuple[int, PriceComponent]]:
    for number, element in enumerate(tariff.elements):
        if element.restrictions.reservation is use:
            for component in element.price_components:
                if component.type is kind:
                    yield number, component


def _edges(tariff: Tariff) -> Edges:
    rules = [element.restrictions for element in tariff.elements]
    clock = {
        seconds(at) % DAY_S
        for rule in rules
        for at in (rule.start_time, rule.end_time)
        if at is not None
    }
    if any(rule.day_of_week or rule.start_date or rule.end_date for rule in rules):
        clock.add(0)
    return Edges(
        clock_s=tuple(sorted(clock)),
        kwh=_ascending([at for rule in rules for at in (rule.min_kwh, rule.max_kwh)]),
        duration_s=tuple(
            sorted(
                {
                    at
                    for rule in rules
                    for at in (rule.min_duration_s, rule.max_duration_s)
                    if at is not None
                }
            )
        ),
        power_kw=_ascending([at for rule in rules for at in (rule.min_power, rule.max_power)]),
        current_a=_ascending([at for rule in rules for at in (rule.min_current, rule.max_current)]),
    )


def _ascending(values: list[Decimal | None]) -> tuple[Decimal, ...]:
    return tuple(sorted({value for value in values if value is not None}))


def _negative(tariff: Tariff) -> tuple[str, ...]:
    """A negative price would make a hold meaningless; nobody has been seen to publish one."""
    return tuple(
        f"negative price of {component.type}"
        for element in tariff.elements
        for component in element.price_components
        if component.price < 0
    )
