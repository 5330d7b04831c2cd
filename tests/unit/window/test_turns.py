"""A window too large for one call: do its turns say together what one look at all of it says?"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.ids import WindowId
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.promise import Fate, Tally, counted, shares, shares_of
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.domain.settlement.window import cut_off
from chalicelib.usecases import keys
from chalicelib.usecases.evidence.seal import folder
from chalicelib.usecases.window import fates as fating
from chalicelib.usecases.window import lines, sealing, telling
from chalicelib.usecases.window.close import publish_over
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.overdue import overdue
from chalicelib.usecases.window.sealed import read_plain
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import DAY, FLOAT, SettledWorld
from sandbox.memory.world import EUR
from tests.unit.statement.test_statements_in_parts import A_DAY, DAYS, held_for_days

TURNS = 24  # one for each of the register's shards
AT = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture
def in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fating, "turns_of", lambda *_: TURNS)
    monkeypatch.setattr("chalicelib.usecases.window.tally.turns_of", lambda *_: TURNS)
    monkeypatch.setattr("chalicelib.usecases.window.overdue.turns_of", lambda *_: TURNS)


def a_day(funded: Money = FLOAT) -> tuple[SettledWorld, WindowRun]:
    settled = SettledWorld(funded=funded)
    for told in (True, True, False, True, True):
        settled.charge(told=told)
    settled.world.ports.cpos.finished.clear()
    return settled, settled.settle_day()


def figures(run: WindowRun) -> dict[str, Any]:
    return {name: value for name, value in run.shares.items() if name != "files"}


def test_prove_counts_the_shares_turn_by_turn_and_its_proof_says_the_same(
    request: pytest.FixtureRequest,
) -> None:
    _, whole = a_day()
    request.getfixturevalue("in_turns")
    settled, run = a_day()
    assert settled.machine.tasks.count("prove") == 1 + TURNS
    assert figures(run) == figures(whole)
    assert (run.shares["accepted"], run.shares["missed"], run.tally) == (4, 1, "")
    ports = settled.world.ports
    proof, (missed,) = read_plain(ports, run.proof), run.shares["files"]
    assert proof["shares"]["exceptions"] == read_plain(ports, missed)


def test_a_turn_reads_its_own_files_and_what_was_held_before(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(sealing, "ENTRIES_A_FILE", 1)  # a file ends with each session
    settled, run = a_day()
    ports = settled.world.ports
    whole = sorted(fating.fates(ports, DAY), key=str)
    request.getfixturevalue("in_turns")
    reads, read = Counter[str](), ports.files.read

    def counting(name: str) -> bytes | None:
        reads[name] += 1
        return read(name)

    monkeypatch.setattr(ports.files, "read", counting)
    assert sorted(fating.fates(ports, DAY), key=str) == whole
    *of_sales, of_top_up = run.sealed
    assert [reads[name] for name in run.sealed] == [1] * len(run.sealed)
    assert [reads[name] for name in run.reconciled[: len(of_sales)]] == [1] * len(of_sales)
    # Nothing is owed by a top-up, and nothing was held: two empty files are one.
    of_held = run.reconciled[-1]
    assert run.reconciled[-2:] == (of_held, of_held)
    assert (len(whole), reads[of_held]) == (5, TURNS + 1), of_top_up


@pytest.mark.usefixtures("in_turns")
def test_a_session_that_was_held_for_days_is_counted_in_its_turn() -> None:
    settled, payout = held_for_days()
    days = [row.key.sk for row in settled.world.ports.store.query(keys.windows())]
    found = [fate for day in days for fate in fating.fates(settled.world.ports, WindowId(day))]
    assert len(found) == DAYS * A_DAY
    assert {fate.accepted_at for fate in found} == {payout.accepted_at}


@pytest.mark.usefixtures("in_turns")
def test_a_turn_that_is_killed_before_its_write_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled, killed = SettledWorld(), list[str]()
    ports = settled.world.ports
    sessions = [settled.charge() for _ in range(3)]

    def kill(*_: object) -> None:
        killed.append("before the write")
        raise RuntimeError

    def twice(payload: Mapping[str, Any], call: Callable[[], Any]) -> Any:
        if payload["step"] == "prove":
            with monkeypatch.context() as patched, suppress(RuntimeError):
                patched.setattr(ports.store, "write", kill)
                call()
        return call()

    settled.machine = MemoryMachine(ports, twice)
    run = settled.settle_day()
    assert len(killed) == 1 + TURNS
    assert (run.shares["billable"], run.shares["accepted"]) == (len(sessions), len(sessions))


@pytest.mark.usefixtures("in_turns")
def test_the_final_shares_are_published_when_the_last_turn_was_counted() -> None:
    settled, _ = a_day()
    settled.world.ports.clock.at = cut_off(DAY) + timedelta(hours=48)
    published = [publish_over(settled.world.ports) for _ in range(TURNS)]
    assert published == [*([[]] * (TURNS - 1)), [DAY]]
    run = run_of(settled.world.ports, DAY).value
    assert (run.shares_final, run.shares["accepted"], run.shares["billable"]) == (True, 4, 5)
    assert publish_over(settled.world.ports) == []


@pytest.mark.usefixtures("in_turns")
def test_of_several_large_windows_those_that_waited_longest_are_looked_at() -> None:
    settled, first = a_day(Money(0, EUR))
    days = [first.id]
    for _ in range(2):
        days.append(settled.next_day())
        settled.charge()
        settled.settle_day(days[-1])
    ports = settled.world.ports
    ports.clock.at = cut_off(days[-1]) + timedelta(hours=36)
    looks = Counter[str]()
    for _ in range(3):
        overdue(ports)
        ports.clock.forward(minutes=5)
        rows = {row.key.sk: row.body for row in ports.store.query(keys.unpublished_windows())}
        looks = Counter({window: int(body.get("turn", 0)) for window, body in rows.items()})
    assert looks == Counter(dict.fromkeys(days, 2))


@pytest.mark.usefixtures("in_turns")
def test_overdue_sessions_are_told_as_they_are_found_and_the_last_turn_tells_all() -> None:
    settled, _ = a_day(Money(0, EUR))
    clock = settled.world.ports.clock
    clock.at = cut_off(DAY) + timedelta(hours=36)
    seen = [overdue(settled.world.ports).get(DAY, {}) for _ in range(TURNS)]
    sums = [sum(reasons.values()) for reasons in seen]
    assert sums == sorted(sums)
    assert seen[-1] == {"unfunded": 4, "awaiting_cdr": 1}
    assert overdue(settled.world.ports) == {}  # the round is over; the next is in half an hour
    clock.forward(minutes=30)
    assert overdue(settled.world.ports).get(DAY, {}) == seen[0]


def test_whoever_missed_is_counted_and_the_first_are_named() -> None:
    fates = [Fate(f"ses_{number:05}", AT, reason="unfunded") for number in range(12_000)]
    tally = Tally()
    for turn in range(3):
        tally, _ = counted(tally, fates[turn::3])
    found = shares_of(tally, AT)
    assert found == shares(fates, AT)
    assert (found.missed, len(found.exceptions)) == (12_000, 10_000)
    assert found.exceptions[-1].session == "ses_09999"


def pages_of(settled: SettledWorld, session: str) -> list[dict[str, Any]]:
    files = settled.world.ports.files
    names = files.names(f"{folder(session)}settlement-")
    return [json.loads(files.read(name) or b"{}") for name in names]


@pytest.mark.parametrize("held_bytes", [32_000_000, 1], ids=["one file", "files that name others"])
def test_each_session_that_was_held_for_days_is_told_of_the_payout_that_paid_it(
    held_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "SESSIONS_A_CALL", 2)
    monkeypatch.setattr(lines, "_HELD_BYTES_MAX", held_bytes)
    settled, payout = held_for_days()
    dump = settled.world.ports.store.dump()
    sessions = {key.partition("/")[0] for key in dump if key.startswith("session#")}
    assert len(sessions) == DAYS * A_DAY
    for session in sessions:
        told = [
            line["entry_id"]
            for page in pages_of(settled, session.removeprefix("session#"))
            for paid in page["payouts"]
            for line in paid["lines"]
            if paid["id"] == payout.id
        ]
        assert len(told) == 1
