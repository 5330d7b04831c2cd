"""Do the limits of a driver's token hold at the start, while it charges, and at the charger?"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.domain.token.authorization import Allowed
from chalicelib.domain.token.limits import (
    Budget,
    BudgetOf,
    Every,
    Hours,
    LimitReached,
    Limits,
    Use,
    check_use,
)
from chalicelib.domain.token.token import Token
from chalicelib.usecases import keys
from chalicelib.usecases.records import load
from chalicelib.usecases.token.authorize import authorize
from sandbox.memory.world import CPO, EUR, World

PREPAID = PaymentMethod.PREPAID
MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)  # 09:00 in Berlin, when the world begins
ANY = frozenset({"APP_USER"})
HERE = Use(MONDAY, "Europe/Berlin", "DE", CPO, "loc_1")


def euro(amount: int) -> Money:
    return Money(amount * 100, EUR)


def limited(world: World, limits: Limits) -> Token:
    """The insurer's driver's token, limited from now on."""
    pointer = world.ports.store.get(keys.token_id(f"tok_{PREPAID.value}"))
    assert pointer is not None
    record = load(world.ports.store, keys.token(str(pointer.body["uid"])), Token, "token")
    token = replace(record.value, limits=limits, vehicle="B-EV 1", cost_centre="sales")
    world.ports.store.write(record.put(token))
    return token


def budget(of: BudgetOf, amount: int, every: Every = Every.MONTH) -> Limits:
    return Limits(budgets=(Budget(of, every, euro(amount)),))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(countries=("FR",)),
        Limits(cpo_ids=(PartyId("cpo_other"),)),
        Limits(place_ids=("loc_2",)),
    ],
)
def test_a_token_is_good_only_at_its_places(limits: Limits) -> None:
    with pytest.raises(LimitReached) as refused:
        check_use(limits, HERE)
    assert refused.value.limit == "place"
    check_use(Limits(countries=("DE",), cpo_ids=(CPO,), place_ids=("loc_1",)), HERE)


@pytest.mark.parametrize(
    ("hours", "good"),
    [
        (Hours(time(9), time(10)), True),  # local time counts: it is 09:00 in Berlin
        (Hours(time(8), time(9)), False),  # up to the end, without it
        (Hours(time(9), time(10), (2, 3)), False),  # not on a Monday
        (Hours(time(22), time(9, 30)), True),  # over midnight
        (Hours(time(22), time(9, 30), (7,)), True),  # the night that began on Sunday
        (Hours(time(22), time(9, 30), (1,)), False),
    ],
)
def test_a_token_is_good_only_at_its_hours(hours: Hours, *, good: bool) -> None:
    if good:
        check_use(Limits(hours=(hours,)), HERE)
        return
    with pytest.raises(LimitReached) as refused:
        check_use(Limits(hours=(hours,)), HERE)
    assert refused.value.limit == "time"


def test_a_session_is_held_for_no_more_than_its_limit() -> None:
    world = World()
    limited(world, Limits(session_amount=euro(20)))
    session = world.start(PREPAID, hold_minor=3000)
    assert session.payment.hold == euro(20)


def test_a_session_that_would_cost_more_than_its_limit_is_not_started() -> None:
    world = World()
    limited(world, Limits(session_amount=euro(17)))  # 17.49 is expected
    with pytest.raises(LimitReached):
        world.start(PREPAID)


def test_a_charge_that_outgrows_its_limit_is_stopped() -> None:
    world = World()
    limited(world, Limits(session_amount=euro(20)))
    session = world.start(PREPAID)
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    session = world.report(session, ChargerStatus.ACTIVE, "32", 50)  # 18.66 of 20.00
    assert (session.state, session.reason) == (SessionState.STOPPING, "limit_reached")
    assert session.payment.hold == euro(20)


@pytest.mark.parametrize("of", [BudgetOf.DRIVER, BudgetOf.VEHICLE, BudgetOf.COST_CENTRE])
def test_a_budget_is_spent_by_what_was_billed_and_what_is_held(of: BudgetOf) -> None:
    world = World()
    limited(world, budget(of, 50))
    world.bill(world.charge(PREPAID))  # 17.49
    second = world.start(PREPAID)  # 30.00 held
    assert second.payment.hold == euro(30)
    with pytest.raises(LimitReached) as refused:
        world.start(PREPAID)  # 2.51 are left
    assert refused.value.limit in {of.value, "amount"}


def test_a_budget_begins_anew_with_its_day_or_month() -> None:
    world = World()
    limited(world, budget(BudgetOf.DRIVER, 18, Every.DAY))
    world.bill(world.charge(PREPAID))
    with pytest.raises(LimitReached):
        world.start(PREPAID)
    world.ports.clock.at = MONDAY + timedelta(days=1)
    assert world.start(PREPAID).payment.hold == euro(18)


def test_a_start_that_failed_has_spent_nothing() -> None:
    world = World()
    limited(world, budget(BudgetOf.DRIVER, 18))
    world.ports.cpos.refuses = True
    assert world.start(PREPAID).state is SessionState.REFUSED
    world.ports.cpos.refuses = False
    assert world.start(PREPAID).payment.hold == euro(18)


_NIGHT = Limits(hours=(Hours(time(22), time(6)),))


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (Limits(countries=("FR",)), Allowed.NOT_ALLOWED),
        (_NIGHT, Allowed.NOT_ALLOWED),
        (Limits(session_amount=euro(19)), Allowed.NO_CREDIT),  # 20.00 are held
        (budget(BudgetOf.DRIVER, 17), Allowed.NO_CREDIT),  # 17.49 were spent before
        (budget(BudgetOf.VEHICLE, 17), Allowed.NO_CREDIT),
        (budget(BudgetOf.COST_CENTRE, 17, Every.DAY), Allowed.NO_CREDIT),
    ],
    ids=["place", "time", "amount", "driver", "vehicle", "cost centre"],
)
def test_the_charger_is_told_of_limits_that_were_set_since_the_start(
    since: Limits, said: Allowed
) -> None:
    world = World()
    every = (BudgetOf.DRIVER, BudgetOf.VEHICLE, BudgetOf.COST_CENTRE)
    spans = (Every.DAY, Every.MONTH)
    wide = tuple(Budget(of, span, euro(500)) for of in every for span in spans)
    token = limited(world, Limits(session_amount=euro(20), budgets=wide))
    world.bill(world.charge(PREPAID))
    world.start(PREPAID)
    answer = authorize(world.ports, world.connection, token.uid, ANY, "L1")
    assert answer.allowed is Allowed.ALLOWED
    limited(world, since)
    answer = authorize(world.ports, world.connection, token.uid, ANY, "L1")
    assert answer.allowed is said
