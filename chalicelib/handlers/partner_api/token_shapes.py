"""How are a token's limits written in /v1? The same in requests and answers."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import CurrencyUnknown, Money, currency
from chalicelib.domain.token.limits import EVERY_DAY, Budget, BudgetOf, Every, Hours, Limits
from chalicelib.handlers.partner_api.shapes import Body, Line, OurId

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Field(ge=1, le=7, description="ISO: 1 is Monday.")]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
_MINOR_MAX = 100_000_000
_PARTS_MAX = 20


class AmountShape(Body):
    """Whole minor units of an ISO 4217 currency: 5000 EUR is 50 euro."""

    minor: Annotated[int, Field(ge=1, le=_MINOR_MAX)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class BudgetShape(Body):
    """So much for each day or month (UTC); open sessions count with what is held for them."""

    of: Annotated[
        Literal["driver", "vehicle", "cost_centre"],
        Field(description="Whose: tokens of the same vehicle or cost centre share it."),
    ]
    every: Literal["day", "month"]
    amount: AmountShape


class HoursShape(Body):
    """Local times at the charger, from `begin` to before `end`; past midnight if it is earlier."""

    begin: Clock
    end: Clock
    days: Annotated[
        list[Weekday],
        Field(default_factory=lambda: list(EVERY_DAY), min_length=1, max_length=len(EVERY_DAY)),
    ]


class LimitsShape(Body):
    """What the token may be used for. What is left out limits nothing."""

    session_amount: Annotated[
        AmountShape | None, Field(description="One session costs at most this.")
    ] = None
    budgets: Annotated[list[BudgetShape], Field(default_factory=list, max_length=_PARTS_MAX)]
    hours: Annotated[list[HoursShape], Field(default_factory=list, max_length=_PARTS_MAX)]
    countries: Annotated[list[Country], Field(default_factory=list, max_length=100)]
    cpo_ids: Annotated[list[OurId], Field(default_factory=list, max_length=100)]
    location_ids: Annotated[list[Line], Field(default_factory=list, max_length=100)]


def limits_of(shape: LimitsShape, vehicle: str, cost_centre: str) -> Limits:
    """Raises Invalid: a budget needs the name of the vehicle or cost centre that it is of."""
    names = {"driver": "known", "vehicle": vehicle, "cost_centre": cost_centre}
    for number, budget in enumerate(shape.budgets):
        if not names[budget.of]:
            where = f"limits.budgets.{number}.of"
            raise Invalid(where, f"the token has no {budget.of}", f"send `{budget.of}` too")
    most = shape.session_amount
    return Limits(
        session_amount=None if most is None else _money(most),
        budgets=tuple(
            Budget(BudgetOf(one.of), Every(one.every), _money(one.amount)) for one in shape.budgets
        ),
        hours=tuple(
            Hours(time.fromisoformat(one.begin), time.fromisoformat(one.end), tuple(one.days))
            for one in shape.hours
        ),
        countries=tuple(shape.countries),
        cpo_ids=tuple(PartyId(one) for one in shape.cpo_ids),
        place_ids=tuple(shape.location_ids),
    )


def shape_of(limits: Limits) -> LimitsShape:
    most = limits.session_amount
    return LimitsShape(
        session_amount=None if most is None else _amount(most),
        budgets=[
            BudgetShape(of=one.of.value, every=one.every.value, amount=_amount(one.amount))
            for one in limits.budgets
        ],
        hours=[
            HoursShape(begin=f"{one.begin:%H:%M}", end=f"{one.end:%H:%M}", days=list(one.days))
            for one in limits.hours
        ],
        countries=list(limits.countries),
        cpo_ids=list(limits.cpo_ids),
        location_ids=list(limits.place_ids),
    )


def _money(shape: AmountShape) -> Money:
    try:
        return Money(shape.minor, currency(shape.currency))
    except CurrencyUnknown as error:
        raise Invalid("limits", str(error)) from error


def _amount(money: Money) -> AmountShape:
    return AmountShape(minor=money.minor, currency=money.currency)
