"""Do histories in which everything goes wrong end with every cent and session in its place?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from random import Random

import pytest

from chalicelib.ports.payments import DisputeState
from sandbox.memory.payments import MemoryPayments
from sandbox.simulation.coverage import Coverage
from sandbox.simulation.faults import CRASHES, Fault, NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.kinds import SCENARIOS
from sandbox.simulation.play import play_aimed, play_calm, play_seed, scenario_named
from sandbox.simulation.runner import quiet_process
from sandbox.simulation.trip import Scenario

_SEEDS, _A_TEST = 200, 20
_calm = cache(play_calm)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_day_without_faults_ends_well(scenario: Scenario) -> None:
    assert _calm(scenario).found == []


@pytest.mark.parametrize("first", range(0, _SEEDS, _A_TEST))
def test_histories_of_fixed_seeds_end_well(first: int) -> None:
    bad = [p for p in map(play_seed, range(first, first + _A_TEST)) if p.found]
    assert [(played.name, played.found) for played in bad] == []


@pytest.mark.slow
def test_every_use_case_is_crashed_before_and_after_its_last_write_and_all_ends_well() -> None:
    """One that writes nothing: its last call. `.ci/run` crashes at every site, or it fails."""
    coverage = Coverage()
    for scenario in SCENARIOS:
        coverage.reached(scenario, _calm(scenario))
    assert len(coverage.by_scenario) > 1000
    by_depth = sorted(coverage.by_scenario, key=lambda s: (s[1] == "store.write", s[2], s[1]))
    last = {site[0]: site for site in by_depth}
    assert len(last) > 50
    bad = []
    for site in last.values():
        for fault in CRASHES:
            scenario = scenario_named(coverage.by_scenario[site])
            played = play_aimed(scenario, site, fault)
            coverage.count(played.crashed)
            bad += [(played.name, played.found)] if played.found else []
    assert bad == []
    assert {site for site, _ in coverage.crashed} >= set(last.values())


def test_an_aimed_crash_hits_its_site_once() -> None:
    site = ("run_effects:session", "payments.capture", 1)
    for fault in CRASHES:
        played = play_aimed(scenario_named("card"), site, fault)
        assert played.crashed == [(site, fault)]
        assert played.found == []


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_file_that_a_round_leaves_is_read_by_the_next(fault: Fault) -> None:
    """The bank's first statement: unread, nothing is paid, and no later file has it read too."""
    site = ("read_bank_files", "store.write", 4)
    played = play_aimed(scenario_named("bank refuses"), site, fault)
    assert len(played.story) == 2, "the fault struck"
    assert played.found == []


_TAKEN_BACK = ("chargeback won", "chargeback lost", "top-up is taken back, and not")


@pytest.mark.parametrize("name", _TAKEN_BACK)
def test_a_bank_whose_word_is_lost_is_asked_the_next_day(name: str) -> None:
    history = History(replace(scenario_named(name), nights=False), NoFaults(), Random(0))
    history.payments.close_dispute = partial(  # type: ignore[method-assign] # tells nobody
        MemoryPayments.close_dispute, history.payments
    )
    history.run()
    decided = {dispute.state for dispute in history.payments.disputes().values()}
    assert len(decided & {DisputeState.WON, DisputeState.LOST}) == 1
    assert violations(history) == []


def test_what_no_scenario_reaches_does_not_count_as_covered() -> None:
    coverage = Coverage()
    coverage.reached(scenario_named("card"), play_calm(scenario_named("card")))
    coverage.count([(("nothing", "store.get", 1), Fault.CRASH_BEFORE)])
    assert coverage.share == 0.0
    assert len(coverage.missing()) == 2 * len(coverage.by_scenario)


def test_nobody_changes_what_others_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are shared by all who read one version: a use case that wrote into one would lie."""
    played: list[History] = []
    run = History.run

    def noted(history: History) -> None:
        played.append(history)
        run(history)

    monkeypatch.setattr(History, "run", noted)
    for seed in range(12):
        play_seed(seed)
    assert [history.table.untouched() for history in played] == [True] * 12
