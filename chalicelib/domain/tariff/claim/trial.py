"""What would the session cost, were it read in some other way? The means of every hypothesis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import DomainError
from chalicelib.domain.tariff.candidate import Candidate
from chalicelib.domain.tariff.claim.parts import costs_of, part_of, total_of
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Basis, Price
from chalicelib.domain.tariff.tariff import Dimension, Tariff
from chalicelib.domain.tariff.usage import Cost, Costs, Part, Usage

_HOUR_S = 3600
_TIMED = {Dimension.TIME, Dimension.PARKING_TIME}


class ReasonCode(StrEnum):
    """Why a claim differs, the likelier first where two explain it equally well."""

    OTHER_VERSION = "other_tariff_version"
    VAT = "vat"
    STEP_SIZE = "step_size"
    PERIOD_NOT_SPLIT = "period_not_split"
    CLOCK = "clock"
    LIMIT = "limit"
    DIMENSION = "dimension"
    ROUNDING = "rounding"
    OTHER_PRICES = "other_prices"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NamedTariff:
    """A tariff that may have been applied instead: where it was seen, and its version."""

    where: str
    hash: str
    prepared: PreparedTariff


@dataclass(frozen=True, slots=True)
class Case:
    """A session, its price by the `promised` versions, and what is claimed for it.

    The first of them is the one that the driver agreed to. `others` are tariffs that may have been
    applied instead; `in_cdr` is the price by the CDR's own, period by period. `minor` is the
    currency's smallest unit in its major one.
    """

    promised: Sequence[PreparedTariff]
    usage: Usage
    price: Price
    claimed: Costs
    others: Sequence[NamedTariff]
    in_cdr: Price | None
    minor: Decimal

    @property
    def pinned(self) -> PreparedTariff:
        return self.promised[0]

    @property
    def tariff(self) -> Tariff:
        return self.pinned.tariff

    @property
    def zone(self) -> str:
        return self.pinned.zone.key


@dataclass(frozen=True, slots=True)
class Trial:
    """What a hypothesis makes of the session. `tariff_hash` names a version that it used."""

    code: ReasonCode
    how: str
    text: str
    costs: Costs
    tariff_hash: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A quantity of one component: kWh, seconds or sessions, as used, not stepped."""

    candidate: Candidate
    used: Decimal

    @property
    def part(self) -> Part:
        one = self.candidate
        return part_of(one.basis.dimension, reservation=one.basis.reservation)

    def cost(self, quantity: Decimal | None = None) -> Cost:
        one = self.candidate
        units = self.used if quantity is None else quantity
        if one.basis.dimension in _TIMED:
            units /= _HOUR_S
        known = one.factor is not None or one.inclusive
        return Cost(one.net * units, one.gross * units if known else None)


def priced(
    code: ReasonCode, how: str, text: str, prepared: PreparedTariff, usage: Usage
) -> Iterator[Trial]:
    """The engine's price of another tariff or usage; nothing where there is none."""
    try:
        costs = costs_of(price(prepared, usage))
    except DomainError:
        return
    yield Trial(code, how, text, costs)


def by_tariff(
    case: Case, code: ReasonCode, how: str, text: str, changed: Tariff, zone: str = ""
) -> Iterator[Trial]:
    """The same session by a changed tariff, or in another zone."""
    if changed == case.tariff and not zone:
        return
    try:
        prepared = prepare(changed, zone or case.zone)
    except DomainError:
        return
    yield from priced(code, how, text, prepared, case.usage)


def restepped(tariff: Tariff, step_size: Callable[[str, int], int]) -> Tariff:
    """The tariff with other step sizes, by dimension and the published one."""
    elements = tuple(
        replace(
            element,
            price_components=tuple(
                replace(one, step_size=step_size(one.type.value, one.step_size))
                for one in element.price_components
            ),
        )
        for element in tariff.elements
    )
    return replace(tariff, elements=elements)


def by_component(case: Case) -> list[Item]:
    """What each component was used for in the whole session."""
    known = _candidates(case.promised)
    return [
        Item(known[one.basis], one.quantity - one.step_extra)
        for one in case.price.components
        if one.basis in known
    ]


def by_period(case: Case) -> list[Item]:
    """What each component was used for in each period."""
    known = _candidates(case.promised)
    lines = case.price.lines
    return [Item(known[line.basis], line.volume) for line in lines if line.basis in known]


def _candidates(tariffs: Sequence[PreparedTariff]) -> dict[Basis, Candidate]:
    found: dict[Basis, Candidate] = {}
    for one in tariffs:
        pools = (one.energy, one.time, one.parking, one.flat, one.expired_time, one.expired_flat)
        found |= {candidate.basis: candidate for pool in pools for candidate in pool}
    return found


def added_up(costs: Sequence[tuple[Part, Cost]]) -> Costs:
    """Parts and total of single costs; no minimum or maximum price is applied."""
    by_part: dict[Part, list[Cost]] = {}
    for part, cost in costs:
        by_part.setdefault(part, []).append(cost)
    parts: Mapping[Part, Cost] = {part: total_of(found) for part, found in by_part.items()}
    return {Part.TOTAL: total_of([cost for _, cost in costs]), **parts}
