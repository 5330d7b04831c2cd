"""The whole market on real processes, while somebody kills its Lambdas and its settlement."""

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from os import kill
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from chalicelib.domain.bank.details import is_bank_account
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import SessionState
from sandbox.market import driver
from sandbox.market.audit import Audit, audit
from sandbox.market.cast import AT_BANK, CPOS
from sandbox.market.house import House
from sandbox.market.opening import Opened, open_market
from sandbox.market.running import Market, wait_for_machines
from sandbox.market.script import OPENS, Trip, trips
from sandbox.market.taken import Taken
from sandbox.peers.bank.box import BucketSide
from sandbox.peers.bank.reading import Order, read_orders

T = TypeVar("T")
pytestmark = [pytest.mark.slow, pytest.mark.aws, pytest.mark.timeout(600)]

# A number of kills, at moments that nobody chose: a slow machine has them early, in the start of a
# worker, a fast one has them anywhere; on both the market comes to its end.
_KILLS_BY_DAY, _KILLS_BY_NIGHT = 6, 16
_PAUSE_S = (0.1, 1.6)
_SCHEDULED = ("SweepEffects", "PullNetworks", "OpenDueWindows", "ReadBankFiles")
_BY_DAY = ("RunEffects", *_SCHEDULED)
_BY_NIGHT = ("SettleCounterparty", "SettleWindow", *_SCHEDULED)
_MOST_OF_SCHEDULED = 2  # each: a schedule tries three times
_FAULTS = ("lost", "start_timed_out_then_started", "cdr_not_pushed", "cdr_overcharged")
_SEK = "nordladda"
_FIGURES = (
    *("sessions", "settled", "held", "refused", "held_reasons", "accepted_48h", "journal_sum"),
    *("captured", "paid_out", "at_provider_and_bank", "held_money", "platform", "vat_due"),
    *("psp_fees", "balanced"),
)
_FIRST_TRIP = OPENS + timedelta(hours=1)
_UNTIL = timedelta(days=2, hours=12)  # the first day's windows are settled and credited


@dataclass
class Played:
    house: House
    taken: list[Taken]
    result: Audit
    kills: list[list[int]]
    aborted: list[str]
    functions: set[str]


def _script() -> list[Trip]:
    """A day of seven trips: the worst faults, and clean ones that bring everybody in."""
    fit = [t for t in trips() if not (t.stops_after_min or t.outage or t.card != "pm_card_visa")]
    chosen = [next(t for t in fit if t.fault == fault) for fault in _FAULTS]
    chosen += [
        next(t for t in fit if t.partner == "insurer"),
        next(t for t in fit if t.cpo == _SEK),
    ]
    return [
        replace(trip, number=n, at=_FIRST_TRIP + timedelta(minutes=15 * n))
        for n, trip in enumerate(chosen)
    ]


@contextmanager
def _again_and_again(
    work: Callable[[list[T]], None], pause: Callable[[], float]
) -> Iterator[list[T]]:
    """Do it in a thread, with pauses, until the block is left; `work` notes what it did."""
    noted: list[T] = []
    done = threading.Event()

    def loop() -> None:
        while not done.wait(pause()):
            work(noted)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield noted
    finally:
        done.set()
        thread.join()


@dataclass
class _Killer:
    """Kills workers of some functions, wherever they are just then."""

    house: House
    names: tuple[str, ...]
    chance: Random = field(default_factory=lambda: Random(1))  # what runs when is nobody's choice
    killed: list[int] = field(default_factory=list)
    by_name: Counter[str] = field(default_factory=Counter)

    def pause(self) -> float:
        return self.chance.uniform(*_PAUSE_S)

    def kill_one(self) -> None:
        with suppress(ProcessLookupError, IndexError):
            pid, name = self.chance.choice(_workers(self.house, self._names()))
            kill(pid, signal.SIGKILL)
            self.killed.append(pid)
            self.by_name[name] += 1

    def _names(self) -> set[str]:
        spared = {name for name in _SCHEDULED if self.by_name[name] >= _MOST_OF_SCHEDULED}
        return set(self.names) - spared

    def kill_soon(self) -> None:
        threading.Timer(self.pause(), self.kill_one).start()

    @contextmanager
    def at_work(self, kills: int) -> Iterator[None]:
        """Kill again and again while the block runs, so often at most."""

        def work(_: list[None]) -> None:
            if len(self.killed) < kills:
                self.kill_one()

        with _again_and_again(work, self.pause):
            yield


def _workers(house: House, names: Collection[str]) -> list[tuple[int, str]]:
    shown = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="],  # noqa: S607 - the system's own ps
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = (line.split(None, 2) for line in shown.splitlines())
    parent = str(house.aws.running.process.pid)
    return [
        (int(row[0]), name)
        for row in rows
        if len(row) == 3 and row[1] == parent
        for name in sorted(names)
        if name in row[2]
    ]


@contextmanager
def _aborter(house: House) -> Iterator[list[str]]:
    """Stop the first execution of each window in its middle, as somebody in the console would."""
    machines = house.aws.client("stepfunctions")
    arn = house.aws.stack.outputs["SettlementMachineArn"]

    def work(stopped: list[str]) -> None:
        listed = machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")
        for execution in listed["executions"]:
            if execution["name"].endswith(".1"):
                machines.stop_execution(executionArn=execution["executionArn"])
                stopped.append(execution["name"])

    with _again_and_again(work, lambda: 1.5) as stopped:
        yield stopped


def _take(house: House, opened: Opened, trip: Trip, taken: list[Taken]) -> None:
    taken.append(driver.take(house, opened, trip))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    directory: Path = tmp_path_factory.mktemp("market")
    taken: list[Taken] = []
    with House(directory, OPENS, CPOS) as house:
        opened = open_market(house)
        market = Market(house, OPENS)
        for trip in _script():
            market.plan(trip.at, partial(_take, house, opened, trip, taken))
        by_day, by_night = _Killer(house, _BY_DAY), _Killer(house, _BY_NIGHT)
        for number in range(_KILLS_BY_DAY):  # while drivers arrive, charge and are billed
            market.plan(_FIRST_TRIP + timedelta(minutes=20 * number), by_day.kill_soon)
        market.run_until(OPENS + timedelta(hours=17))
        with by_night.at_work(_KILLS_BY_NIGHT), _aborter(house) as aborted:
            market.run_until(OPENS + timedelta(hours=18, minutes=30))  # cut-off and freeze
            market.run_until(OPENS + timedelta(hours=24))
        market.run_until(OPENS + _UNTIL)
        wait_for_machines(house)
        refused = {each.refused: 1 for each in taken if each.refused}
        kills = [by_day.killed, by_night.killed]
        functions = {*by_day.by_name, *by_night.by_name}
        yield Played(house, taken, audit(house, refused), kills, aborted, functions)


def test_killed_lambdas_and_executions_pay_nobody_twice_and_lose_nothing(played: Played) -> None:
    assert all(played.kills)
    assert len(played.functions) >= 4, "of those that settle and those by the clock"
    assert played.aborted
    failed = [check for check in played.result.checks if not check.passed]
    assert failed == []
    assert played.result.summary["balanced"]


def test_every_session_is_settled_and_in_time(played: Played) -> None:
    summary, records = played.result.summary, played.result.records
    # A worker that dies between writing that a start is sent and sending it sends none.
    never = [s for s in records.sessions if s.state is SessionState.ABANDONED]
    assert {session.reason for session in never} <= {"charger_never_started"}
    assert {session.payment.state for session in never} <= {PaymentState.RELEASED}
    started = {each.session_id for each in played.taken if each.session_id}
    assert started == {session.id for session in records.sessions}
    assert summary["sessions"] == len(started) - len(never) >= len(started) / 2
    assert summary["held_reasons"] == []
    assert summary["accepted_48h"] == "1.0000"


def test_the_summary_has_every_figure_and_they_add_up(played: Played) -> None:
    summary = played.result.summary
    assert set(_FIGURES) <= summary.keys()
    assert summary["sessions"] == summary["settled"] + summary["held"]
    assert set(summary["journal_sum"].values()) == {0}
    assert summary["paid_out"].keys() <= {"EUR", "SEK"}
    assert summary["at_provider_and_bank"]["sepa"]["EUR"] < AT_BANK.minor


def test_each_payee_has_one_payout_at_its_rail_for_each_window(played: Played) -> None:
    paid = [p for p in played.result.records.payouts if p.money is not None]
    assert {is_bank_account(payout.account) for payout in paid} == {True, False}
    instructed = Counter(order.end_to_end_id for order in _orders(played.house))
    for payout in paid:
        if is_bank_account(payout.account):
            assert instructed[payout.reference] == 1
            continue
        assert payout.money is not None
        lines = played.house.ports.payouts.balance_lines(payout.account)
        sent = [line for line in lines if line.kind == "payout" and line.owner == payout.id]
        assert [(-line.net.minor, line.net.currency) for line in sent] == [
            (payout.money.minor, payout.money.currency)
        ]


def _orders(house: House) -> list[Order]:
    """Every credit transfer in the payment files that the bank was given."""
    box = BucketSide(house.aws.client("s3"), house.aws.stack.outputs["BankMailbox"])
    return [order for name in box.instructions() for order in read_orders(box.take(name))]


def test_a_window_run_again_changes_nothing(played: Played) -> None:
    house = played.house
    machines = house.aws.client("stepfunctions")
    arn = house.aws.stack.outputs["SettlementMachineArn"]
    before = played.result.records.entries
    for run in played.result.records.windows:
        body = f'{{"window": "{run.id}", "attempt": {run.attempt + 1}}}'
        machines.start_execution(stateMachineArn=arn, name=f"{run.id}.again", input=body)
    wait_for_machines(house)
    again = audit(house, {})
    assert again.records.entries == before
    assert again.summary["balanced"]
