"""Is a report that nobody follows one that would have changed nothing?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import currency
from chalicelib.domain.session.charged import ChargerStatus, ChargingPeriod, ReportedSession
from chalicelib.domain.session.report import Change
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.accept_report import (
    SessionName,
    accept_patch,
    accept_whole,
)
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.records import create, load
from chalicelib.usecases.session.follow import follow
from sandbox.memory.world import PEER, World
from tests.properties.tariff_strategies import decimals
from tests.properties.test_holds_suffice import TARIFFS

EUR = currency("EUR")
NAME = SessionName("DE", "RHE", "S-1")
PK = keys.charging(PEER, "DE", "RHE", "S-1")
ENERGY = "-5", "0", "0.5", "5", "60"

BY_TIME = Tariff(
    "DE",
    "RHE",
    "T2",
    EUR,
    tuple(
        TariffElement((PriceComponent(kind, Decimal(4), 1, Decimal(19)),))
        for kind in (Dimension.TIME, Dimension.PARKING_TIME)
    ),
    datetime(2026, 1, 1, tzinfo=UTC),
)
HOURS = st.none() | decimals(3, 2)
PERIODS = st.builds(
    lambda kwh, time_h, parking_h, power_kw: (kwh, time_h, parking_h, power_kw),
    st.none() | st.sampled_from(ENERGY).map(Decimal),
    HOURS,
    HOURS,
    st.none() | decimals(150, 1),
)
# Minutes after the one before, its periods, and whether it states kWh.
REPORTS = st.lists(
    st.tuples(st.integers(0, 300), st.lists(PERIODS, max_size=2), st.sampled_from((0, 0, 1))),
    min_size=1,
    max_size=6,
)


def test_far_from_its_hold_a_report_is_one_write_and_wakes_nobody() -> None:
    world = World()
    session = _charging(world, None, 3000)
    began = session.requested_at
    assert not _told(world, began, 30, "10")
    assert not _told(world, began, 40, "20")
    assert _told(world, began, 50, "45"), "near the hold"
    assert _told(world, began, 60, "46"), "and then always"


def test_what_a_report_says_beside_more_energy_is_always_looked_at() -> None:
    world = World()
    began = _charging(world, None, 3000).requested_at
    assert not _told(world, began, 40, "4")
    assert _told(world, began, 40, "5"), "of the same instant"
    assert _told(world, began, 60 * 9, "6"), "longer than what was reckoned with"
    assert _told(world, began, 60 * 9 + 1, "6", status=ChargerStatus.COMPLETED)


def test_a_report_that_moves_the_charge_ends_its_room() -> None:
    """What may still be told was found for the charge as it was: from when, and in which money."""
    for moved in ("start", "end", "currency"):
        world = World()
        began = _charging(world, None, 3000).requested_at
        others: dict[str, Any] = {
            "start": began,
            "end": began + timedelta(minutes=30),
            "currency": EUR,
        }
        assert _told(world, began, 30, "3", **{moved: others[moved]})
        assert _told(world, began, 40, "4")


def test_no_room_is_sought_for_a_charge_that_is_told_whole_each_time() -> None:
    world = World()
    session = _charging(world, None, 3000)
    whole = fold_partition(world.ports.store, PK)
    assert whole is not None
    at = session.requested_at + timedelta(minutes=5)
    accept_whole(world.ports, world.connection, replace(whole, last_updated=at), "{}")
    world.settle()
    assert _told(world, session.requested_at, 10, "1")


def test_periods_count_though_the_reading_says_less() -> None:
    world = World()
    began = _charging(world, None, 3000).requested_at
    for minutes, is_looked_at in ((10, False), (20, False), (30, True)):
        period = ChargingPeriod(began + timedelta(minutes=minutes), energy_kwh=Decimal(16))
        assert _told(world, began, minutes, "1", (period,)) is is_looked_at


@pytest.mark.parametrize(("time_h", "parking_h"), [(1, None), (None, 1)])
def test_the_hours_that_periods_tell_count_though_less_time_has_passed(
    time_h: int | None, parking_h: int | None
) -> None:
    world = World()
    began = _charging(world, BY_TIME, 3000).requested_at
    charged, parked = (None if hours is None else Decimal(hours) for hours in (time_h, parking_h))
    for minutes, is_looked_at in ((10, False), (20, False), (30, True)):
        at = began + timedelta(minutes=minutes)
        period = ChargingPeriod(at, time_h=charged, parking_time_h=parked)
        assert _told(world, began, minutes, "1", (period,)) is is_looked_at


@given(TARIFFS, st.integers(100, 20_000), st.sampled_from(PaymentMethod), REPORTS)
def test_a_report_that_nobody_follows_would_have_changed_nothing(
    tariff: Tariff,
    hold_minor: int,
    method: PaymentMethod,
    reports: list[tuple[int, list[tuple[Decimal | None, ...]], int]],
) -> None:
    world = World()
    session = _charging(world, tariff, hold_minor, method)
    minutes, reading = 0, Decimal(0)
    for passed, told, is_stated in reports:
        at = session.requested_at + timedelta(minutes=minutes)
        minutes += passed
        starts = (at + timedelta(seconds=number) for number in range(len(told)))
        periods = tuple(_period(start, *each) for start, each in zip(starts, told, strict=True))
        reading += sum((each.energy_kwh or Decimal(0) for each in periods), Decimal(0))
        stated = reading if is_stated else None
        matters = _told(world, session.requested_at, minutes, stated, periods)
        before = world.session(session.id)
        follow(world.ports, PK)
        assert matters or world.session(session.id) == before
        world.settle()


def _charging(
    world: World,
    tariff: Tariff | None,
    hold_minor: int,
    method: PaymentMethod = PaymentMethod.CARD,
) -> Session:
    """A session at a tariff whose charger has told that it began."""
    session = world.start(method, hold_minor)
    if tariff is not None:
        hash_ = tariff_hash(tariff)
        world.ports.store.write(create(keys.tariff_version(hash_), tariff))
        record = load(world.ports.store, keys.session(session.id), Session, "session")
        world.ports.store.write(record.put(replace(session, tariff_hash=hash_)))
    told = ReportedSession(
        country_code="DE",
        party_id="RHE",
        id=NAME.id,
        start=session.requested_at,
        status=ChargerStatus.ACTIVE,
        last_updated=session.requested_at,
        currency=EUR,
        authorization_reference=session.authorization_reference,
    )
    accept_whole(world.ports, world.connection, told, "{}")
    world.settle()
    assert world.session(session.id).state is SessionState.CHARGING
    return world.session(session.id)


def _told(
    world: World,
    began: datetime,
    minutes: int,
    kwh: Decimal | str | None,
    periods: tuple[ChargingPeriod, ...] = (),
    **others: Any,
) -> bool:
    """Whether a PATCH is handed to those who follow."""
    at = began + timedelta(minutes=minutes)
    world.ports.clock.at = max(world.ports.clock.at, at)
    reading = None if kwh is None else Decimal(kwh)
    change = replace(Change(at, kwh=reading, periods=periods), **others)
    accept_patch(world.ports, world.connection, NAME, change, "{}")
    handed = list(world.ports.store.stream)
    world.ports.store.stream.clear()
    assert {key.pk for key in handed} <= {Key(PK).pk}
    return bool(handed)


def _period(
    start: datetime,
    kwh: Decimal | None,
    time_h: Decimal | None,
    parking_h: Decimal | None,
    power_kw: Decimal | None,
) -> ChargingPeriod:
    return ChargingPeriod(
        start, energy_kwh=kwh, time_h=time_h, parking_time_h=parking_h, max_power_kw=power_kw
    )
