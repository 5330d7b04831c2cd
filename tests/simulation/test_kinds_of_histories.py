"""Which histories have eMSPs and inquiries, and does anything happen in them?"""

from collections.abc import Iterator
from random import Random

import pytest

from chalicelib.domain.hub.card import Whitelist
from chalicelib.ports.payments import DisputeState
from sandbox.simulation.faults import NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.kinds import scenario_of
from sandbox.simulation.play import play_seed, scenario_named
from sandbox.simulation.roaming.history import RoamingHistory
from sandbox.simulation.runner import quiet_process

_ROAMING, _INQUIRY = range(19, 500, 25), range(22, 500, 25)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


def test_every_twenty_fifth_history_has_emsps_and_every_twenty_fifth_an_inquiry() -> None:
    for seed in range(100):
        scenario = scenario_of(seed, Random(seed))
        assert scenario.roams is (seed in _ROAMING)
        asked = any(act.what == "inquiry" for act in scenario.acts)
        assert asked is (seed in _INQUIRY)
        assert not (scenario.is_small and (scenario.roams or asked))


@pytest.mark.parametrize("seeds", [_ROAMING, _INQUIRY], ids=("eMSPs", "inquiries"))
def test_they_end_well(seeds: range) -> None:
    bad = [played for played in map(play_seed, seeds) if played.found]
    assert [(played.name, played.found) for played in bad] == []


def test_an_emsp_hears_of_a_session_and_of_its_cdr() -> None:
    history = _played(RoamingHistory, "eMSP commands")
    assert isinstance(history, RoamingHistory)
    (trip,) = history.scenario.trips
    emsp = history.emsp_of(trip)
    assert [told.status for told in emsp.sessions][-1] == "COMPLETED"
    assert [cdr.paid.gross.minor for cdr in emsp.cdrs] == [1749]
    emsp.cdrs.clear()
    assert any("its eMSP heard None" in line for line in violations(history))


def test_a_silent_emsp_that_must_be_asked_has_no_session() -> None:
    history = _played(RoamingHistory, "eMSP is silent")
    assert history.scenario.trips[0].roams is not None
    assert history.scenario.trips[0].roams.whitelist is Whitelist.NEVER
    assert history.sessions() == []


@pytest.mark.parametrize(
    ("name", "state", "moves"),
    [
        ("inquiry ends", DisputeState.CLOSED, 0),
        ("inquiry becomes a chargeback", DisputeState.LOST, 1),
        ("inquiry becomes a chargeback, unsent", DisputeState.WON, 2),
    ],
)
def test_an_inquiry_takes_nothing_until_it_is_a_chargeback(
    name: str, state: DisputeState, moves: int
) -> None:
    (dispute,) = _played(History, name).payments.disputes().values()
    assert (dispute.state, len(dispute.moves)) == (state, moves)


def _played(kind: type[History], name: str) -> History:
    history = kind(scenario_named(name), NoFaults(), Random(0))
    history.run()
    assert violations(history) == []
    return history
