"""Which sites are there, and at which of them did a process die, before the call and after it?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox.simulation.faults import CRASHES, Fault, Site
from sandbox.simulation.play import Played, Reached
from sandbox.simulation.trip import Scenario

Aim = tuple[str, Site, Fault]  # a scenario that reaches the site, by name


@dataclass
class Coverage:
    """The sites that fault-free runs of all scenarios reach, each with one that reaches it."""

    by_scenario: dict[Site, str] = field(default_factory=dict)
    crashed: set[tuple[Site, Fault]] = field(default_factory=set)

    def reached(self, scenario: Scenario, played: Played) -> None:
        for site in sites_of(played.reached):
            self.by_scenario.setdefault(site, scenario.name)

    def count(self, crashed: Iterable[tuple[Site, Fault]]) -> None:
        self.crashed.update(each for each in crashed if each[0] in self.by_scenario)

    def missing(self) -> list[Aim]:
        """What is still to be aimed at."""
        wanted = ((site, fault) for site in sorted(self.by_scenario) for fault in CRASHES)
        return [(self.by_scenario[s], s, f) for s, f in wanted if (s, f) not in self.crashed]

    @property
    def share(self) -> float:
        """1.0: every site, before and after."""
        wanted = len(self.by_scenario) * len(CRASHES)
        return len(self.crashed) / wanted if wanted else 1.0


def sites_of(reached: Reached) -> Iterator[Site]:
    for (use_case, method), most in reached.items():
        for ordinal in range(1, most + 1):
            yield use_case, method, ordinal
