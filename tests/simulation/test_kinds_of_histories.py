"""Which histories have eMSPs, inquiries and reservations, and does anything happen in them?"""

from collections.abc import Iterator
from random import Random

import pytest

from chalicelib.domain.hub.card import Whitelist
from chalicelib.ports.payments import DisputeState
from sandbox.simulation.endings import payouts_in, runs
from sandbox.simulation.faults import AimedFaults, Fault, NoFaults, Site
from sandbox.simulation.history import History
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.kinds import scenario_of
from sandbox.simulation.play import play_seed, scenario_named
from sandbox.simulation.roaming.history import RoamingHistory
from sandbox.simulation.runner import quiet_process

_ROAMING, _INQUIRY, _ASKING = range(19, 500, 25), range(22, 500, 25), range(9, 500, 25)
_RARE = range(14, 1000, 100)
_ASKS = ("reserve", "unlock", "prefer")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


def test_every_twenty_fifth_history_is_of_each_kind() -> None:
    for seed in set(range(100)) - {*_RARE}:
        scenario = scenario_of(seed, Random(seed))
        assert scenario.roams is (seed in _ROAMING or seed in _ASKING)
        wanted = any(act.what.removeprefix("emsp_") in _ASKS for act in scenario.acts)
        assert wanted is (seed in _ASKING)
        asked = any(act.what == "inquiry" for act in scenario.acts)
        assert asked is (seed in _INQUIRY)
        assert not (scenario.is_small and (scenario.roams or asked))


@pytest.mark.parametrize(
    "seeds", [_ROAMING, _INQUIRY, _ASKING, _RARE], ids=("eMSPs", "inquiries", "asks", "rare")
)
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


def test_a_charger_is_kept_free_and_given_back() -> None:
    (cpo,) = _played(RoamingHistory, "reserved, and given back").cpos.values()
    assert [(said.result, said.heard is not None) for said in cpo.said] == [("ACCEPTED", True)]
    assert (len(cpo.reserves), cpo.reserved) == (1, {})


def test_what_was_given_up_and_comes_late_is_given_back_too() -> None:
    (cpo,) = _played(RoamingHistory, "reserved late, and given back at once").cpos.values()
    ((_, came),) = cpo.reserves
    assert came.response_url in cpo.late
    assert cpo.reserved == {}


def test_a_cable_is_freed_and_a_wish_is_told() -> None:
    (cpo,) = _played(RoamingHistory, "cable is freed").cpos.values()
    assert len(cpo.unlocks) == 1
    (cpo,) = _played(RoamingHistory, "wishes").cpos.values()
    assert [wish.profile.value for _, _, wish in cpo.wishes] == ["FAST", "GREEN"]


def test_two_people_look_at_a_call_that_the_rail_has_forgotten() -> None:
    history = _played(History, "no transfer is answered")
    payouts = [each for run in runs(history) for each in payouts_in(history, run.id)]
    assert {payout.stage.value for payout in payouts} == {"credited"}
    assert history.outside.reached["absent", "payouts.find_transfer"] == 1


@pytest.mark.parametrize(
    ("site", "invited"), [(("renew", "cpos.discover", 1), 1), (("renew", "cpos.register", 1), 2)]
)
def test_a_cpo_whose_answer_was_lost_joins_again(site: Site, invited: int) -> None:
    """Before it has changed its token staff only asks again; after that it is invited anew."""
    scenario = scenario_named("a CPO joins and stays")
    history = RoamingHistory(scenario, AimedFaults(site, Fault.CRASH_AFTER), Random(0))
    history.run()
    assert violations(history) == []
    assert history.acts.joining is not None
    assert history.acts.joining.invited == invited


def _played(kind: type[History], name: str) -> History:
    history = kind(scenario_named(name), NoFaults(), Random(0))
    history.run()
    assert violations(history) == []
    return history
