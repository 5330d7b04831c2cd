"""Which tier is a session's, and is it still that one when it is worked out later?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.agreement.terms import FeeTerms, Tier
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import AgreementId
from chalicelib.domain.revenue.volume import MonthVolume, VolumeNotYet, month_before, volume_at
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.agreement.volume import count_volume, count_volumes, counted
from chalicelib.usecases.session.bill import bill
from sandbox.memory.world import PARTNERS, World

APP = PARTNERS[PaymentMethod.CARD]
# The world's first session charges 30 kWh in November: 4 % of 14.70 is 0.588 instead of 1.176.
TIERS = FeeTerms(tiers=(Tier(Decimal(30), Decimal("0.04")),))


@pytest.fixture
def world() -> World:
    world = World()
    world.ports.store.write(Put(Key(keys.parties(), APP), {"kind": "partner"}, expects=None))
    (old,) = agreements_of(world.ports, APP)
    terms = {"commission_terms": TIERS, "replaces": old.id, "since": date(2026, 11, 1)}
    make_agreement(world.ports, replace(old, id=AgreementId("agr_t"), **terms))  # type: ignore[arg-type] # a table
    return world


def test_a_month_is_counted_once_from_its_billed_sessions(world: World) -> None:
    world.bill(world.charge())
    world.charge()  # its CDR has not come
    world.ports.clock.at = datetime(2026, 12, 4, tzinfo=UTC)
    (made,) = count_volumes(world.ports)
    assert (made.month, made.energy_kwh, made.sessions) == ("202611", Decimal(30), 1)
    world.ports.clock.forward(hours=24)
    assert count_volumes(world.ports) == [made]
    assert counted(world.ports, APP) == (made,)


def test_a_session_has_the_tier_that_was_known_when_it_was_requested(world: World) -> None:
    first = world.bill(world.charge())
    assert first.bill is not None
    assert first.bill.platform.minor == 59, "no month was counted: the base rates"
    world.ports.clock.at = datetime(2026, 12, 3, 23, 50, tzinfo=UTC)
    before = world.start()
    world.ports.clock.at = datetime(2026, 12, 4, 0, 0, 1, tzinfo=UTC)
    count_volumes(world.ports)
    before = world.bill(before)
    after = world.bill(world.charge())
    assert before.bill is not None
    assert after.bill is not None
    assert before.bill.platform.minor == 59, "it was counted after this one had begun"
    assert after.bill.platform.minor == 29  # 0.588: 0.59, the odd cent is the partner's
    again = bill(world.ports, before, world.cdr(before))
    assert again.allocation.platform == before.bill.platform, "worked out later, it is the same"


def test_a_session_writes_nothing_more_for_its_tier(world: World) -> None:
    plain = World()
    writes = []
    for one in (world, plain):
        session, store = one.charge(), one.ports.store
        count, write = [0], store.write

        def counting(*puts: object, write: object = write, count: list[int] = count) -> None:
            count[0] += len(puts)
            write(*puts)  # type: ignore[operator] # the store's own

        store.write = counting  # type: ignore[method-assign]  # a spy
        one.bill(session)
        writes.append(count[0])
    assert writes[0] == writes[1]


def test_a_month_that_is_not_over_cannot_be_counted(world: World) -> None:
    with pytest.raises(VolumeNotYet):
        count_volume(world.ports, APP, "202611")
    for month in ("202613", "2026-1", ""):
        with pytest.raises(Invalid):
            count_volume(world.ports, APP, month)


@pytest.mark.parametrize(
    ("day", "month"),
    [((2026, 12, 3), "202610"), ((2026, 12, 4), "202611"), ((2027, 1, 4), "202612")],
)
def test_the_last_month_is_known_from_the_fourth_on(day: tuple[int, int, int], month: str) -> None:
    assert month_before(datetime(*day, tzinfo=UTC)) == month


def test_the_newest_month_counted_by_then_decides() -> None:
    at = datetime(2026, 12, 4, tzinfo=UTC)
    october, november = (
        MonthVolume(APP, month, Decimal(1), 1, at + timedelta(days=days))
        for month, days in (("202610", -30), ("202611", 0))
    )
    assert volume_at([october, november], at) == november
    assert volume_at([october, november], at - timedelta(seconds=1)) == october
    assert volume_at([], at) is None
