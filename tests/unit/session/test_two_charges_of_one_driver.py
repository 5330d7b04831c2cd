"""A CPO that never echoes our reference, and a driver who charges twice: whose is what it tells?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus, ReceivedCdr, ReportedSession
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.cpo import Received
from chalicelib.usecases.charger_session.accept_report import accept_pulled, accept_whole
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.world import EUR, World


def _pass(world: World, minutes: int, every: int = 5) -> None:
    for _ in range(0, minutes, every):
        world.ports.clock.forward(minutes=every)
        sweep(world.ports)
        world.settle()


def _told(
    session: Session, id_: str, kwh: str, ends: int | None, reference: str = ""
) -> ReportedSession:
    """What the CPO has of a charge that began a minute after it was asked for."""
    began = session.requested_at + timedelta(minutes=1)
    end = None if ends is None else session.requested_at + timedelta(minutes=ends)
    return ReportedSession(
        country_code="DE",
        party_id="RHE",
        id=id_,
        start=began,
        status=ChargerStatus.ACTIVE if end is None else ChargerStatus.COMPLETED,
        last_updated=end or began,
        currency=EUR,
        kwh=Decimal(kwh),
        end=end,
        token_uid=session.token_uid,
        authorization_reference=reference,
        location_id="L1",
        evse_uid="E1",
        connector_id="1",
    )


def _cdr(world: World, session: Session, id_: str, kwh: str, ends: int) -> ReceivedCdr:
    """As 2.1.1 tells it: it names neither a session nor a reference."""
    excl = str(Decimal(kwh) * Decimal("0.49"))
    cdr = world.cdr(session, kwh=kwh, excl=excl, id=id_, reference="")
    end = session.requested_at + timedelta(minutes=ends)
    return replace(cdr, session_id="", end=end, evse_uid="E1", last_updated=end, raw_hash=id_)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_retry_is_not_taken_for_the_charge_before_it(*, newest_first: bool) -> None:
    world = World()
    first = world.start()
    world.ports.cpos.reports.append(_told(first, "cs-A", "0.5", ends=3))
    _pass(world, 6, every=3)
    second = world.start()
    world.ports.cpos.reports.append(_told(second, "cs-B", "1", ends=None))
    if newest_first:
        world.ports.cpos.reports.reverse()
    _pass(world, 60)
    found = [world.session(one.id) for one in (first, second)]
    assert [one.charger_session for one in found] == ["DE*RHE*cs-A", "DE*RHE*cs-B"]
    assert [one.state for one in found] == [SessionState.ENDED, SessionState.CHARGING]


@pytest.mark.parametrize("newest_first", [False, True])
def test_each_cdr_that_names_nothing_bills_its_own_charge(*, newest_first: bool) -> None:
    world = World()
    sessions = []
    for id_, kwh, ends in (("A", "1", 2), ("B", "30", 61)):
        session = world.start()
        told = _told(session, f"cs-{id_}", kwh, ends, session.authorization_reference)
        world.ports.clock.at = max(world.ports.clock.at, told.last_updated)
        accept_pulled(world.ports, world.connection, Received(told, "{}"))
        world.settle()
        world.ports.cpos.finished.append(_cdr(world, session, f"C-{id_}", kwh, ends))
        world.ports.clock.at = session.requested_at + timedelta(minutes=ends + 1)
        sessions.append(session)
    if newest_first:
        world.ports.cpos.finished.reverse()
    _pass(world, 24 * 60, every=60)
    billed = [world.session(one.id) for one in sessions]
    assert [(one.state, one.cdr_id) for one in billed] == [
        (SessionState.BILLED, "C-A"),
        (SessionState.BILLED, "C-B"),
    ]
    assert {one.payment.state for one in billed} == {PaymentState.CAPTURED}


def test_a_charge_whose_cdr_is_not_there_does_not_take_the_one_of_the_charge_before() -> None:
    world = World()
    first = world.start()
    world.ports.cpos.finished.append(_cdr(world, first, "C-A", "1", ends=2))
    world.ports.clock.forward(minutes=3)
    second = world.start()
    told = _told(second, "cs-B", "30", ends=61, reference=second.authorization_reference)
    world.ports.clock.at = told.last_updated
    accept_pulled(world.ports, world.connection, Received(told, "{}"))
    _pass(world, 24 * 60, every=60)
    assert world.session(second.id).cdr_id == ""


def test_a_push_that_names_nobody_is_still_heard_by_the_session_it_was_found_for() -> None:
    world = World()
    session = world.start()
    told = _told(session, "cs-A", "1", ends=None)
    world.ports.cpos.reports.append(told)
    _pass(world, 30)
    assert world.session(session.id).state is SessionState.CHARGING
    now = world.ports.clock.now()
    done = replace(told, status=ChargerStatus.COMPLETED, kwh=Decimal(30), last_updated=now, end=now)
    accept_whole(world.ports, world.connection, done, "{}")
    world.settle()
    assert world.session(session.id).state is SessionState.ENDED
    assert world.session(session.id).energy_kwh == Decimal(30)
