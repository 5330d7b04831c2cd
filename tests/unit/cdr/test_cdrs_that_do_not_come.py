"""What becomes of the money when the CDR does not come, cannot be billed, or makes no sense?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Received
from chalicelib.usecases.cdr.accept import CdrForUnknownSession, CdrTooLarge, accept_cdr
from chalicelib.usecases.cdr.pull import pull_cdr_of
from chalicelib.usecases.charger_session.accept_report import accept_pulled
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.credit import balances_of
from sandbox.memory.world import EUR, PARTNERS, World


@pytest.fixture
def world() -> World:
    return World()


def _sweeps(world: World, hours: int) -> None:
    for _ in range(hours):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()


@pytest.mark.parametrize(
    "why", [CpoRefused(3000, "not now"), CpoUnavailable("gone")], ids=["refused", "silent"]
)
def test_a_cpo_that_gives_no_cdrs_does_not_let_the_hold_lapse(
    world: World, monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    session = world.charge()

    def fail(*_: Any) -> None:
        raise why

    monkeypatch.setattr(world.ports.cpos, "cdrs", fail)
    _sweeps(world, 24)
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert session.reason == "awaiting_cdr"


def test_one_refusal_does_not_end_the_search_for_a_cdr(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.charge()

    def fail(*_: Any) -> None:
        raise CpoRefused(3000, "not now")

    with monkeypatch.context() as patched:
        patched.setattr(world.ports.cpos, "cdrs", fail)
        _sweeps(world, 3)
    world.ports.cpos.finished.append(world.cdr(session))
    _sweeps(world, 10)
    assert world.session(session.id).state is SessionState.BILLED


def test_an_unfit_cdr_does_not_let_the_hold_lapse_and_a_fit_one_is_billed(world: World) -> None:
    session = world.charge()
    world.ports.cpos.finished.append(world.cdr(session, currency="SEK", id="unfit"))
    _sweeps(world, 3)
    assert world.session(session.id).reason == "cdr_refused:invalid"
    _sweeps(world, 21)
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    told = [body for key, body in world.ports.store.dump().items() if key.startswith("events#")]
    assert [event["type"] for event in told].count("session.held") == 2  # refused, then captured
    # The hourly pull finds both now, the unfit one first.
    world.ports.cpos.finished.append(world.cdr(session))
    assert pull_cdr_of(world.ports, session)
    world.settle()
    assert world.session(session.id).state is SessionState.BILLED


@pytest.mark.parametrize("method", [PaymentMethod.CARD, PaymentMethod.PREPAID])
def test_a_session_without_energy_and_without_cdr_gives_everything_back(
    world: World, method: PaymentMethod
) -> None:
    session = world.report(world.start(method), ChargerStatus.ACTIVE, "0", 5)
    world.report(session, ChargerStatus.COMPLETED, "0", 6)
    _sweeps(world, 24)
    session = world.session(session.id)
    assert session.reason == "no_energy_no_cdr"
    assert session.payment.state is PaymentState.RELEASED
    purses = balances_of(world.ports, PARTNERS[PaymentMethod.PREPAID])
    assert [purse.reserved.minor for purse in purses] == [0]


def test_energy_that_costs_nothing_is_not_captured(world: World) -> None:
    world = World(price_kwh=Decimal(0))
    session = world.charge()
    _sweeps(world, 24)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.RELEASED
    assert session.booked == ()


def test_a_cdr_of_tomorrow_is_refused(world: World) -> None:
    """Its entry would lie in a window that nobody settles for years."""
    session = world.charge()
    end = world.ports.clock.now() + timedelta(days=400)
    with pytest.raises(Invalid, match="end_date_time"):
        accept_cdr(world.ports, world.connection, replace(world.cdr(session), end=end), "x")
    assert world.session(session.id).state is SessionState.ENDED


def test_an_end_that_the_charger_dates_into_the_future_is_now(world: World) -> None:
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    before = world.ports.clock.at
    session = _dated(world, session)
    assert session.ended_at is not None
    assert session.ended_at <= before + timedelta(hours=1)


def _dated(world: World, session: Session) -> Session:
    told = fold(world.ports.store, session.peer_id, "DE", "RHE", f"cs-{session.id[-6:]}")
    told = replace(
        told,
        status=ChargerStatus.COMPLETED,
        end=world.ports.clock.at + timedelta(days=900),
        last_updated=told.last_updated + timedelta(minutes=1),
    )
    accept_pulled(world.ports, world.connection, Received(told, "{}"))
    world.settle()
    return world.session(session.id)


def test_a_cdr_larger_than_an_item_is_refused_by_name(world: World) -> None:
    session = world.charge()
    cdr = world.cdr(session)
    many = (world.tariff,) * 2000
    with pytest.raises(CdrTooLarge):
        accept_cdr(world.ports, world.connection, replace(cdr, tariffs=many), "x")
    assert world.session(session.id).state is SessionState.ENDED


def test_a_cdr_of_another_party_behind_the_same_platform_bills_nothing(world: World) -> None:
    session = world.charge()
    identities = {**world.connection.identities, "NL*OTH": PartyId("cpo_other")}
    platform = replace(world.connection, identities=identities)
    foreign = replace(world.cdr(session), country_code="NL", party_id="OTH")
    with pytest.raises(CdrForUnknownSession):
        accept_cdr(world.ports, platform, foreign, "x")
    assert world.session(session.id).state is SessionState.ENDED


@pytest.mark.parametrize("method", [PaymentMethod.CARD, PaymentMethod.PREPAID])
def test_a_cdr_after_the_last_pull_is_worked_off_though_the_stream_lost_its_record(
    world: World, method: PaymentMethod
) -> None:
    """Found by the simulator: no row of the sweeper led to a session that was held."""
    session = world.charge(method)
    _sweeps(world, 24)
    held = world.session(session.id)
    purse = method is PaymentMethod.PREPAID  # whose reservation is freed in a week
    waiting = [EffectKind.RELEASE] if purse else []
    assert held.state is SessionState.ENDED
    assert [effect.kind for effect in held.effects] == waiting
    accept_cdr(world.ports, world.connection, world.cdr(session), "cdr/raw.json")
    world.ports.store.stream.clear()
    _sweeps(world, 1)
    billed = world.session(session.id)
    assert (billed.state, billed.effects) == (SessionState.BILLED, ())
