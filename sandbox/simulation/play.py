"""How is one history played, and what came of it? By its seed, or aimed at one site."""

from dataclasses import dataclass, field
from random import Random

from sandbox.simulation.faults import (
    CRASHES,
    WEATHERS,
    AimedFaults,
    Fault,
    Faults,
    NoFaults,
    RandomFaults,
    Site,
)
from sandbox.simulation.history import History
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.kinds import SCENARIOS, scenario_of
from sandbox.simulation.roaming.history import RoamingHistory
from sandbox.simulation.running import told
from sandbox.simulation.trip import Scenario

Reached = dict[tuple[str, str], int]
_AIM_WORDS = 4


@dataclass(frozen=True, slots=True)
class Played:
    """`name` plays it again. `crashed` are the sites at which its processes died, and how."""

    name: str
    found: list[str]
    reached: Reached
    crashed: list[tuple[Site, Fault]]
    story: list[str] = field(default_factory=list)
    small: bool = False


def play_seed(seed: int) -> Played:
    """The history of a seed: its market, its faults and their order."""
    random = Random(seed)
    scenario = scenario_of(seed, random)
    return _play(f"seed {seed}", scenario, RandomFaults(random, random.choice(WEATHERS)), random)


def play_calm(scenario: Scenario) -> Played:
    return _play(scenario.name, scenario, NoFaults(), Random(0))


def play_aimed(scenario: Scenario, site: Site, fault: Fault) -> Played:
    """One crash at one site, in a scenario that is known to reach it."""
    name = f"{scenario.name}: {fault.value} {site[0]} {site[1]} {site[2]}"
    return _play(name, scenario, AimedFaults(site, fault), Random(0))


def scenario_named(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def play_named(name: str) -> Played | None:
    """`seed 7`, a scenario in fair weather, or `<scenario>: <fault> <use case> <method> <ordinal>`;
    None when there is no such history.
    """
    if name.startswith("seed ") and name[5:].isdecimal():
        return play_seed(int(name[5:]))
    scenario, _, aim = name.rpartition(": ")
    words = aim.split()
    aimed = len(words) == _AIM_WORDS and words[0] in set(Fault) and words[3].isdecimal()
    wanted = [each for each in SCENARIOS if each.name == (scenario if aimed else name)]
    if not wanted:
        return None
    if not aimed:
        return play_calm(wanted[0])
    return play_aimed(wanted[0], (words[1], words[2], int(words[3])), Fault(words[0]))


def _play(name: str, scenario: Scenario, faults: Faults, random: Random) -> Played:
    history = (RoamingHistory if scenario.roams else History)(scenario, faults, random)
    try:
        history.run()
        found = violations(history)
    except Exception as bug:  # noqa: BLE001 - an assertion of the simulation is a finding too
        found = [f"it did not come to its end: {told(bug)}"]
    crashed = [(site, fault) for site, fault in faults.struck if fault in CRASHES]
    story = [f"{' '.join(map(str, site))}: {fault.value}" for site, fault in faults.struck]
    told_ = [str(scenario), *story]
    small = scenario.is_small and not history.nights()  # a sweep of others may open a window
    return Played(name, found, history.outside.reached, crashed, told_, small)
