"""What may a driver's token be used for: where, when, and for how much?

A partner sets limits with the token. Budgets are shared by all tokens that name the same vehicle or
cost centre. Times are local at the charger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class LimitReached(Forbidden):
    """`limit` says which: time, place, session_amount, or the scope of a budget."""

    code = "limit_reached"
    field = "token_id"
    how_to_fix = "use another token, or issue this one again with other limits"

    def __init__(self, limit: str, reason: str) -> None:
        super().__init__(reason)
        self.limit = limit


class BudgetOf(StrEnum):
    DRIVER = "driver"
    VEHICLE = "vehicle"
    COST_CENTRE = "cost_centre"


class Every(StrEnum):
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Budget:
    """So much for each day or month (UTC), open sessions counted with what is held for them."""

    of: BudgetOf
    every: Every
    amount: Money


@dataclass(frozen=True, slots=True)
class Hours:
    """ISO weekdays (1 is Monday), from `begin` to before `end`; past midnight if it is earlier."""

    begin: time
    end: time
    days: tuple[int, ...] = EVERY_DAY

    def hold(self, local: datetime) -> bool:
        at, day = local.time().replace(second=0, microsecond=0), local.isoweekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= at < self.end
        evening = day in self.days and at >= self.begin
        before = day - 1 or EVERY_DAY[-1]
        return evening or (before in self.days and at < self.end)


@dataclass(frozen=True, slots=True)
class Limits:
    """Empty parts limit nothing. `place_ids` are public ids `loc_…`."""

    session_amount: Money | None = None
    budgets: tuple[Budget, ...] = ()
    hours: tuple[Hours, ...] = ()
    countries: tuple[str, ...] = ()
    cpo_ids: tuple[PartyId, ...] = ()
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """Where and when somebody wants to charge."""

    at: datetime
    time_zone: str
    country: str
    cpo_id: PartyId
    place_id: str


def check_use(limits: Limits, use: Use) -> None:
    """Raises LimitReached when the place or the time is not among those allowed."""
    allowed = (
        (limits.countries, use.country),
        (limits.cpo_ids, use.cpo_id),
        (limits.place_ids, use.place_id),
    )
    for among, here in allowed:
        if among and here not in among:
            raise LimitReached("place", f"this token may not charge at {here}")
    local = use.at.astimezone(ZoneInfo(use.time_zone))
    if limits.hours and not any(hours.hold(local) for hours in limits.hours):
        raise LimitReached("time", f"this token may not charge at {local:%A %H:%M}")


def left(
    limits: Limits,
    spent: Iterable[tuple[Budget, Money]],
    wanted: Money,
    needed: Money | None = None,
) -> Money:
    """How much a session may cost at most, `wanted` if nothing limits it.

    `spent` is what was spent of each budget. Raises LimitReached for money of another currency,
    where a budget has nothing left, and where less is left than is `needed`.
    """
    most = wanted
    if limits.session_amount is not None:
        most = _less(most, limits.session_amount, "session_amount")
    for budget, used in spent:
        rest = Money(budget.amount.minor - used.minor, budget.amount.currency)
        if rest.minor <= 0:
            raise LimitReached(budget.of.value, f"the {budget.of.value}'s budget is spent")
        most = _less(most, rest, budget.of.value)
    if needed is not None and most.minor < needed.minor:
        reason = f"it would cost about {needed.minor} of {most.minor} that are left"
        raise LimitReached("amount", reason)
    return most


def _less(one: Money, other: Money, limit: str) -> Money:
    if one.currency != other.currency:
        reason = f"its limit is in {other.currency}, and {one.currency} is charged here"
        raise LimitReached(limit, reason)
    return min(one, other, key=lambda money: money.minor)
