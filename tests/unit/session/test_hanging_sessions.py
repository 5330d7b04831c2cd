"""What becomes of a session that hangs: its stop overtook the start, or its charger disobeys?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import AgreementId
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.store import Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.session.follow import follow
from chalicelib.usecases.session.read import page
from chalicelib.usecases.session.start import QuoteExpired, start
from chalicelib.usecases.session.start_result import command_result
from chalicelib.usecases.session.stop import stop
from sandbox.memory.world import CPO, EUR, PARTNERS, PEER, World

CARD, PREPAID = PARTNERS[PaymentMethod.CARD], PARTNERS[PaymentMethod.PREPAID]


@pytest.fixture
def world() -> World:
    return World()


def _sweeps(world: World, hours: float, every: int = 10) -> None:
    for _ in range(int(hours * 60 / every)):
        world.ports.clock.forward(minutes=every)
        sweep(world.ports)
        world.settle()


def _reserved(world: World) -> int:
    return sum(balance.reserved.minor for balance in balances_of(world.ports, PREPAID))


def test_a_stop_that_overtakes_a_start_which_never_happens_gives_the_hold_back(
    world: World,
) -> None:
    session = world.start()
    stop(world.ports, CARD, session.id)
    world.settle()
    _sweeps(world, 3)
    session = world.session(session.id)
    assert session.state is SessionState.ABANDONED
    assert session.payment.state is PaymentState.RELEASED


def test_a_stop_that_overtakes_a_start_which_is_refused_frees_the_balance(world: World) -> None:
    session = world.start(PaymentMethod.PREPAID)
    assert _reserved(world) == 3000
    stop(world.ports, PREPAID, session.id)
    world.settle()
    command_result(world.ports, PEER, "START_SESSION", session.id, "REJECTED")
    world.settle()
    assert world.session(session.id).state is SessionState.REFUSED
    assert _reserved(world) == 0


def test_a_refused_start_ends_no_session_that_charges_and_is_being_stopped(world: World) -> None:
    session = world.report(world.start(), ChargerStatus.ACTIVE, "1", 5)
    stop(world.ports, CARD, session.id)
    world.settle()
    command_result(world.ports, PEER, "START_SESSION", session.id, "FAILED")
    world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.STOPPING
    assert session.payment.state is PaymentState.AUTHORISED


def test_a_stop_that_overtakes_a_start_which_happens_unheard_reaches_the_charger(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.start()
    stop(world.ports, CARD, session.id)
    world.settle()
    with monkeypatch.context() as deaf:
        deaf.setattr(world, "settle", world.ports.store.stream.clear)
        world.report(session, ChargerStatus.ACTIVE, "1", 5)
    # The push was recorded and its reader never ran: only the CPO's own list tells it again.
    world.ports.cpos.reports.append(_told(world, session.id))
    _sweeps(world, 1)
    assert world.ports.cpos.stops


def test_a_charger_that_goes_on_charging_is_told_to_stop_again(world: World) -> None:
    session = world.report(world.start(), ChargerStatus.ACTIVE, "1", 5)
    stop(world.ports, CARD, session.id)
    world.settle()
    assert len(world.ports.cpos.stops) == 1
    command_result(world.ports, PEER, "STOP_SESSION", session.id, "FAILED")
    _sweeps(world, 1)
    assert 2 <= len(world.ports.cpos.stops) <= 6
    session = world.report(session, ChargerStatus.COMPLETED, "5", 90)
    before = len(world.ports.cpos.stops)
    _sweeps(world, 1)
    assert session.state is SessionState.ENDED
    assert len(world.ports.cpos.stops) == before


def test_a_start_whose_first_report_nobody_followed_is_not_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.start()
    with monkeypatch.context() as deaf:
        deaf.setattr(world, "settle", world.ports.store.stream.clear)
        world.report(session, ChargerStatus.ACTIVE, "1", 1)
    world.ports.cpos.reports.append(_told(world, session.id))
    _sweeps(world, 4)
    assert world.session(session.id).state is SessionState.CHARGING


def _told(world: World, session_id: str) -> ReportedSession:
    """What the CPO lists: the very session that it pushed."""
    return fold(world.ports.store, PEER, "DE", "RHE", f"cs-{session_id[-6:]}")


def test_a_session_that_its_cpo_calls_void_after_its_end_takes_nothing(world: World) -> None:
    session = world.charge()
    session = world.report(session, ChargerStatus.INVALID, "30", 61)
    _sweeps(world, 24, every=60)
    session = world.session(session.id)
    assert session.state is SessionState.ABANDONED
    assert session.payment.state is PaymentState.RELEASED
    assert session.booked == ()


def test_a_void_session_frees_its_own_reservation_and_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The void comes while more hold is being asked for: both change the same allotment."""
    others = [world.start(PaymentMethod.PREPAID) for _ in range(8)]
    session = world.report(world.start(PaymentMethod.PREPAID), ChargerStatus.ACTIVE, "1", 5)
    with monkeypatch.context() as deaf:
        deaf.setattr(world, "settle", lambda: _follow_only(world))
        world.report(session, ChargerStatus.ACTIVE, "50", 30)
        world.report(session, ChargerStatus.INVALID, "50", 31)
    world.settle()
    assert world.session(session.id).state is SessionState.ABANDONED
    assert _reserved(world) == 3000 * len(others)


def _follow_only(world: World) -> None:
    """The reports are read; the runs of the session's effects lag behind."""
    waiting = list(world.ports.store.stream)
    world.ports.store.stream.clear()
    for key in waiting:
        if key.pk.startswith("charging#"):
            follow(world.ports, key.pk)


def test_a_start_that_was_decided_twice_is_listed_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, lost = world.ports.store.write, [False]

    def contended(*writes: Write) -> None:
        transaction = [w for w in writes if isinstance(w, Put) and w.pending]
        if transaction and not lost[0]:
            lost[0] = True
            world.ports.clock.forward(seconds=1)
            raise WriteConflict([keys.allotment(PREPAID, 0, "prepaid#EUR")])
        write(*writes)

    monkeypatch.setattr(world.ports.store, "write", contended)
    session = world.start(PaymentMethod.PREPAID)
    listed, _ = page(world.ports, PREPAID, f"{session.requested_at:%Y%m}", "", 10)
    assert [one.id for one in listed] == [session.id]


def test_a_quote_of_terms_that_hold_no_more_starts_nothing(world: World) -> None:
    first = world.start()
    now = agreement_in_force(world.ports, CARD, CPO, world.ports.clock.now().date())
    tomorrow = now.since + timedelta(days=(world.ports.clock.now().date() - now.since).days + 1)
    later = replace(
        now, id=AgreementId("agr_later"), cpo_id=CPO, since=tomorrow, commission=Decimal("0.09")
    )
    make_agreement(world.ports, later)
    world.ports.clock.at = world.ports.clock.at.replace(hour=0) + timedelta(days=1, minutes=5)
    quote = world.ports.store.get(keys.quote(first.quote_id))
    assert quote is not None
    late = {**quote.body, "expires_at": "2030-01-01T00:00:00Z"}
    world.ports.store.write(Put(keys.quote(first.quote_id), late, expects=None))
    with pytest.raises(QuoteExpired):
        start(world.ports, CARD, first.quote_id, first.token_id, "k-late", "h")


def test_a_session_whose_cpo_does_not_echo_our_reference_is_found_by_its_token(
    world: World,
) -> None:
    session = world.start()
    report = replace(_silent(session), authorization_reference="")
    world.ports.cpos.reports.append(report)
    _sweeps(world, 4)
    assert world.session(session.id).state is SessionState.CHARGING


def test_a_pull_does_not_forget_that_a_session_without_our_reference_is_ours(
    world: World,
) -> None:
    session = world.start()
    world.ports.cpos.reports.append(replace(_silent(session), authorization_reference=""))
    _sweeps(world, 1)
    assert world.session(session.id).state is SessionState.CHARGING
    told = replace(
        _silent(session),
        authorization_reference="",
        status=ChargerStatus.COMPLETED,
        last_updated=world.ports.clock.now(),
    )
    world.ports.cpos.reports.append(told)
    pull_peer(world.ports, world.connection)
    world.settle()
    assert world.session(session.id).state is SessionState.ENDED


def _silent(session: Session) -> ReportedSession:
    began = session.requested_at + timedelta(minutes=1)
    return ReportedSession(
        country_code="DE",
        party_id="RHE",
        id="cs-silent",
        start=began,
        status=ChargerStatus.ACTIVE,
        last_updated=began,
        currency=EUR,
        kwh=Decimal(1),
        token_uid=session.token_uid,
        evse_uid=session.evse_uid,
    )
