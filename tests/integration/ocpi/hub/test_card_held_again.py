"""What if a card is held again when its first start is too late, and either one may still begin?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.charged import (
    ChargerStatus,
    ChargingPeriod,
    Cost,
    ReceivedCdr,
    ReportedSession,
)
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.cpo import Received
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.charger_session.accept_report import accept_pulled
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.hub.attempt import begins_in_time
from chalicelib.usecases.partner.purse import purses_of, read_purse, writes_of
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import hold, sessions, wait
from tests.integration.ocpi.hub.charge_scene import Wire
from tests.integration.ocpi.hub.emsp_scene import PARTNER, TOKEN

AGAIN = 20  # minutes after the first time: the start was to begin within 15
LASTS, A_DAY = 10, 14 * 60
EUR = Currency("EUR")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Charged:
    """One charge of ten minutes as its CPO tells it: from which minute on, and heard of when?"""

    kwh: int
    began: int
    told: int

    @property
    def id(self) -> str:
        return f"S-{self.kwh}"

    def report(self, first: datetime, minute: int, reference: str) -> ReportedSession:
        over = minute >= self.began + LASTS
        return ReportedSession(
            country_code="DE",
            party_id="RHE",
            id=self.id,
            start=first + self.began * MINUTE,
            status=ChargerStatus.COMPLETED if over else ChargerStatus.ACTIVE,
            last_updated=first + minute * MINUTE,
            currency=EUR,
            kwh=Decimal(self.kwh if over else 1),
            end=first + (self.began + LASTS) * MINUTE if over else None,
            token_uid=str(TOKEN["uid"]),
            authorization_reference=reference,
            location_id="L1",
            evse_uid="E1",
            connector_id="1",
        )

    def cdr(self, first: datetime, reference: str) -> ReceivedCdr:
        began, net = first + self.began * MINUTE, Decimal("0.49") * self.kwh
        time_h = Decimal(LASTS) / 60
        period = ChargingPeriod(began, energy_kwh=Decimal(self.kwh), time_h=time_h)
        return ReceivedCdr(
            country_code="DE",
            party_id="RHE",
            id=f"C-{self.kwh}",
            start=began,
            end=began + LASTS * MINUTE,
            currency=EUR,
            total_cost=Cost(net, net * Decimal("1.19")),
            total_energy_kwh=Decimal(self.kwh),
            total_time_h=time_h,
            periods=(period,),
            last_updated=began + (LASTS + 1) * MINUTE,
            session_id=self.id if reference else "",  # 2.1.1 tells neither
            authorization_reference=reference,
            token_uid=str(TOKEN["uid"]),
            evse_uid="E1",
        )


def play(world: World, charged: dict[str, Charged], *, echoes: bool) -> None:
    """The rest of the day: the reference of each hold, and what was charged for it."""
    first = world.ports.clock.now() - AGAIN * MINUTE
    for minute in range(AGAIN, A_DAY):
        for reference, one in charged.items():
            if minute in {one.told, max(one.told, one.began + LASTS)}:
                tell(world, first, minute, one, reference if echoes else "")
        if minute % 5 == 0:
            sweep(world.ports)
        world.settle()
        world.ports.clock.forward(minutes=1)


def tell(world: World, first: datetime, minute: int, one: Charged, reference: str) -> None:
    """Pushed where the CPO says whose it is; else it lies in its lists."""
    report, cdr = one.report(first, minute, reference), one.cdr(first, reference)
    over = report.status is ChargerStatus.COMPLETED
    if not reference:
        world.ports.cpos.reports.append(report)
        world.ports.cpos.finished += [cdr] * over
        return
    accept_pulled(world.ports, world.connection, Received(report, "{}"))
    if over:
        accept_cdr(world.ports, world.connection, cdr, f"cdr/{one.id}.json")


def spend(world: World) -> None:
    """Other sessions hold all that is left."""
    kept = read_purse(world.ports, PARTNER, PaymentMethod.PREPAID, EUR)
    purse, _ = kept.purse.reserve(kept.purse.available, 0)
    world.ports.store.write(*writes_of(kept, purse))


def available(world: World) -> Money:
    (purse,) = purses_of(world.ports, PARTNER)
    return purse.available


@pytest.fixture
def before(world: World, cpo: Peer) -> Money:
    assert cpo.token
    return available(world)


@pytest.fixture
def held_twice(world: World, cpo: Peer, card: dict[str, str], before: Money) -> tuple[str, str]:
    """The references that the CPO was given, the second one too late for the first."""
    assert card["uid"]
    assert before.minor
    first = hold(cpo).data["authorization_reference"]
    wait(world, AGAIN)
    second = hold(cpo).data["authorization_reference"]
    assert first != second
    return first, second


def check(world: World, before: Money, charged: dict[str, Charged], both: tuple[str, str]) -> None:
    """Each is billed once for what was charged under it, or given up; all else is given back."""
    paid = 0
    for reference in both:
        session = world.session(reference)
        if reference not in charged:
            assert (session.state, session.booked) == (SessionState.ABANDONED, ())
            assert session.reason == "charger_never_started"
            continue
        assert session.state is SessionState.BILLED, session
        assert session.charger_session == f"DE*RHE*{charged[reference].id}"
        assert session.bill is not None
        assert session.bill.energy_kwh == charged[reference].kwh
        assert list(world.entries(session)).count("sale") == 1
        paid += session.bill.gross.minor
    assert available(world) == Money(before.minor - paid, before.currency)


OLD = [None, Charged(11, 14, 25), Charged(11, 25, 25), Charged(11, 14, 90)]
NEW = [None, Charged(22, 22, 22), Charged(22, 40, 40), Charged(22, 22, 60)]


@pytest.mark.parametrize("old", OLD)
@pytest.mark.parametrize("new", NEW)
def test_whichever_begins_is_billed_once_under_its_own_reference(
    world: World,
    before: Money,
    held_twice: tuple[str, str],
    old: Charged | None,
    new: Charged | None,
) -> None:
    both = zip(held_twice, (old, new), strict=True)
    charged = {reference: one for reference, one in both if one is not None}
    play(world, charged, echoes=True)
    check(world, before, charged, held_twice)


@pytest.mark.parametrize("old", [None, Charged(11, 14, 25), Charged(11, 12, 41)])
@pytest.mark.parametrize("new", NEW)
def test_a_cpo_that_says_no_reference_means_the_time_before_the_charge(
    world: World,
    before: Money,
    held_twice: tuple[str, str],
    old: Charged | None,
    new: Charged | None,
) -> None:
    both = zip(held_twice, (old, new), strict=True)
    charged = {reference: one for reference, one in both if one is not None}
    play(world, charged, echoes=False)
    check(world, before, charged, held_twice)


def test_the_emsp_is_asked_again(
    world: World, held_twice: tuple[str, str], cpo: Peer, wire: Wire
) -> None:
    assert len(wire.to("/authorize")) == len(sessions(world)) == 2
    assert hold(cpo).data["authorization_reference"] == held_twice[1]


@pytest.mark.usefixtures("card")
def test_where_the_money_does_not_suffice_for_two_the_driver_learns_until_when(
    world: World, cpo: Peer
) -> None:
    hold(cpo)
    spend(world)
    wait(world, AGAIN)
    for _ in range(2):  # asked again, it is still the reason
        answer = hold(cpo)
        assert (answer.data["allowed"], len(sessions(world))) == ("NO_CREDIT", 1)
        assert answer.message.startswith("earlier_start_waits: ")
        assert "after 08:45 UTC" in answer.message
    wait(world, 60)
    assert hold(cpo).data["allowed"] == "ALLOWED"


def test_a_start_of_the_morning_does_not_ask_for_an_exact_clock_in_the_evening(
    world: World, cpo: Peer, card: dict[str, str]
) -> None:
    """A CPO's clock may be some minutes off, whatever the card began ten hours ago."""
    assert card["uid"]
    hold(cpo)
    wait(world, 10 * 60)
    evening = world.session(hold(cpo).data["authorization_reference"])
    early = evening.requested_at - 2 * MINUTE
    assert begins_in_time(world.ports, evening, early, 10 * MINUTE)
