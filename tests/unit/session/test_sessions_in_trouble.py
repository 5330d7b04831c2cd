"""Has each session in trouble a named state, and does it come out of it? (docs/runbook.md)"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.ledger.entry import sums
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.cpo import Pulled
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import EUR, PARTNERS, PEER, World


@pytest.fixture
def world() -> World:
    return World()


def _sweeps(world: World, hours: float, every: int = 30) -> None:
    for _ in range(int(hours * 60 / every)):
        world.ports.clock.forward(minutes=every)
        sweep(world.ports)
        world.settle()


def _told(session: Session, status: ChargerStatus) -> ReportedSession:
    """What the CPO lists of it: only a pull will tell."""
    began = session.requested_at + timedelta(minutes=1)
    return ReportedSession(
        country_code="DE",
        party_id="RHE",
        id=f"cs-{session.id[-6:]}",
        start=began,
        status=status,
        last_updated=began,
        currency=EUR,
        token_uid=session.token_uid,
        authorization_reference=session.authorization_reference,
        evse_uid="E1",
    )


def _pull(world: World) -> PeerHealth:
    pull_peer(world.ports, world.connection)
    world.settle()
    return health_of(world.ports, PEER)


@pytest.mark.parametrize("pushed", [True, False], ids=["pushed", "found by looking"])
def test_a_session_that_stays_pending_is_given_up_and_the_hold_goes_back(
    world: World, *, pushed: bool
) -> None:
    session = world.start()
    if pushed:
        world.report(session, ChargerStatus.PENDING, "0", 1)
    else:
        world.ports.cpos.reports.append(_told(session, ChargerStatus.PENDING))
    _sweeps(world, 4)
    session = world.session(session.id)
    assert (session.state, session.reason) == (SessionState.ABANDONED, "stuck_pending")
    assert session.payment.state is PaymentState.RELEASED


def test_a_pending_session_that_was_given_up_and_starts_is_stopped_and_billed(
    world: World,
) -> None:
    session = world.start()
    world.report(session, ChargerStatus.PENDING, "0", 1)
    _sweeps(world, 4)
    session = world.report(world.session(session.id), ChargerStatus.ACTIVE, "1", 250)
    assert session.state is SessionState.CHARGING
    assert len(world.ports.cpos.stops) == 1
    session = world.report(session, ChargerStatus.COMPLETED, "2", 255)
    assert world.bill(session, kwh="2", excl="0.98").state is SessionState.BILLED


def test_a_missing_cdr_is_pulled_1_6_12_and_16_hours_after_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.charge()
    asked, cdrs = list[datetime](), world.ports.cpos.cdrs

    def noted(*args: Any) -> Pulled:
        asked.append(world.ports.clock.now())
        return cdrs(*args)

    monkeypatch.setattr(world.ports.cpos, "cdrs", noted)
    _sweeps(world, 30, every=5)
    assert session.ended_at is not None
    after = [at - session.ended_at for at in asked]
    slack = timedelta(minutes=15)  # the sweeper's
    for wanted, found in zip((1, 6, 12, 16), after, strict=True):
        assert timedelta(hours=wanted) <= found <= timedelta(hours=wanted) + slack


def test_a_completed_session_with_energy_is_captured_into_awaiting_cdr_before_its_hold_lapses(
    world: World,
) -> None:
    session = world.charge()
    _sweeps(world, 17)
    session = world.session(session.id)
    assert (session.state, session.reason) == (SessionState.ENDED, "awaiting_cdr")
    assert session.payment.captured == Money(1749, EUR)
    before = session.payment.capture_before
    assert before is None or world.ports.clock.now() < before
    held = [str(p.account) for p in world.entries(session)["provisional"].postings]
    assert held[1] == "held:cpo_rhein:awaiting_cdr"
    billed = world.bill(session)
    assert billed.state is SessionState.BILLED
    assert all(not sum(sums(e.postings).values()) for e in world.entries(billed).values())


@pytest.mark.parametrize("status", [ChargerStatus.ACTIVE, ChargerStatus.PENDING])
def test_what_has_not_completed_is_captured_by_no_clock(
    world: World, status: ChargerStatus
) -> None:
    session = world.report(world.start(), status, "12", 30)
    _sweeps(world, 30)
    session = world.session(session.id)
    assert session.reason in {"session_stuck", "stuck_pending"}
    assert session.payment.captured is None
    assert session.booked == ()


def test_a_stuck_session_goes_on_when_its_end_is_told_days_later(world: World) -> None:
    session = world.report(world.start(), ChargerStatus.ACTIVE, "12", 30)
    _sweeps(world, 30)
    assert world.session(session.id).reason == "session_stuck"
    session = world.report(world.session(session.id), ChargerStatus.COMPLETED, "30", 60)
    assert session.state is SessionState.CHARGING or session.state is SessionState.ENDED
    assert world.bill(session).payment.captured == Money(1749, EUR)


@pytest.mark.parametrize("method", list(PaymentMethod))
def test_a_cdr_whose_session_was_never_told_is_billed_by_our_reference(
    world: World, method: PaymentMethod
) -> None:
    session = world.bill(world.start(method))
    assert session.state is SessionState.BILLED
    assert session.payment.captured == Money(1749, EUR)


def test_a_cdr_of_no_session_is_refused_and_named_until_it_is_old(world: World) -> None:
    strange = world.cdr(world.charge(), reference="ses_of_nobody", id="C-strange")
    world.ports.cpos.finished.append(strange)
    (unfit,) = _pull(world).refused
    assert (unfit.module, unfit.id) == ("cdrs", "C-strange")
    assert "names no session of this channel" in unfit.why
    world.ports.clock.forward(days=20)
    world.ports.cpos.finished.clear()
    assert _pull(world).refused == ()


def test_a_second_cdr_bills_nothing_and_is_named(world: World) -> None:
    session = world.bill(world.charge())
    world.ports.cpos.finished.append(world.cdr(session, id="C-second", excl="20.00"))
    (unfit,) = _pull(world).refused
    assert (unfit.id, "already billed" in unfit.why) == ("C-second", True)
    assert world.session(session.id).payment.captured == Money(1749, EUR)


def test_an_offline_session_that_was_given_up_is_billed_when_it_is_delivered_days_later(
    world: World,
) -> None:
    """The charger started without a word, and its CPO heard of it after three days."""
    session = world.start()
    _sweeps(world, 5)
    assert world.session(session.id).reason == "charger_never_started"
    world.ports.clock.forward(days=3)
    report = replace(
        _told(session, ChargerStatus.COMPLETED),
        kwh=world.cdr(session).total_energy_kwh,
        end=session.requested_at + timedelta(hours=1),
    )
    world.ports.cpos.reports.append(report)
    world.ports.cpos.finished.append(world.cdr(session))
    _pull(world)
    billed = world.session(session.id)
    assert (billed.state, billed.energy_kwh) == (SessionState.BILLED, Decimal(30))
    assert "cash" not in world.entries(billed)  # the hold is gone: the driver owes
    assert fold(world.ports.store, PEER, "DE", "RHE", report.id).status is ChargerStatus.COMPLETED


def test_a_start_is_not_sent_after_its_time(world: World) -> None:
    world = World(card="pm_card_authenticationRequired")
    session = world.start()
    world.ports.clock.at = session.start_not_after + timedelta(seconds=1)
    _authorise(world, session)
    session = world.session(session.id)
    assert (session.state, session.reason) in {
        (SessionState.ABANDONED, "start_too_late"),
        (SessionState.ABANDONED, "payment_not_completed"),
    }
    assert world.ports.cpos.starts == []


def _authorise(world: World, session: Session) -> None:
    """The driver takes the bank's step, too late; then the sweeper comes."""
    world.ports.store.stream.append(keys.session(session.id))
    world.settle()
    _sweeps(world, 1, every=10)


class _Dies(Exception):
    """The process ends here."""


class _DyingCpo(MemoryCpo):
    """Its first START_SESSION is never sent: the sender dies between its write and the call."""

    deaths = 1

    def start_session(self, *args: Any) -> Any:
        if self.deaths:
            self.deaths -= 1
            raise _Dies
        return super().start_session(*args)


@pytest.fixture
def dying() -> World:
    world = World()
    world.ports.cpos = _DyingCpo(network=world.ports.cpos.network)
    return world


def test_a_start_whose_sender_died_is_looked_for_and_never_sent_again(dying: World) -> None:
    with pytest.raises(_Dies):
        dying.start()
    (session,) = _sessions(dying)
    assert session.state is SessionState.STARTING
    _sweeps(dying, 2)
    session = dying.session(session.id)
    assert (session.state, session.reason) == (SessionState.ABANDONED, "charger_never_started")
    assert session.payment.state is PaymentState.RELEASED
    assert dying.ports.cpos.starts == []


def _sessions(world: World) -> list[Session]:
    names = [name for name in world.ports.store.dump() if name.startswith("session#")]
    return [world.session(name.split("#")[1].partition("/")[0]) for name in names]


def test_a_prepaid_reservation_of_a_start_that_never_happened_is_freed(world: World) -> None:
    session = world.start(PaymentMethod.PREPAID)
    _sweeps(world, 2)
    assert world.session(session.id).reason == "charger_never_started"
    assert world.session(session.id).partner_id == PARTNERS[PaymentMethod.PREPAID]
    assert world.session(session.id).payment.state is PaymentState.RELEASED
