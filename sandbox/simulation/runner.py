"""How are thousands of histories played on all cores, and what came of them?"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from chalicelib.handlers.effects import stream
from sandbox.simulation.coverage import Aim, Coverage
from sandbox.simulation.kinds import SCENARIOS
from sandbox.simulation.play import Played, play_aimed, play_calm, play_seed, scenario_named
from sandbox.simulation.remember import remembering

_A_TASK = 25  # histories: long enough to hide the pool's own time
Timed = tuple[Played, float]  # and what it cost, in seconds of a core
T = TypeVar("T")
_life = ExitStack()


@dataclass
class Result:
    """`violations`: what plays each bad history again, and what it found.

    `small` are the histories of one visit without its night, `small_cpu_s` what they cost.
    """

    histories: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    jobs: int = 1
    small: int = 0
    small_cpu_s: float = 0.0
    violations: list[dict[str, Any]] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)

    def add(self, played: Played, cpu_s: float) -> None:
        self.histories += 1
        self.cpu_seconds += cpu_s
        if played.small:
            self.small += 1
            self.small_cpu_s += cpu_s
        self.coverage.count(played.crashed)
        if played.found:
            told = {"history": played.name, "found": played.found, "story": played.story}
            self.violations.append(told)

    @property
    def per_s(self) -> float:
        return self.histories / self.seconds if self.seconds else 0.0

    @property
    def small_per_s(self) -> float:
        """What as many free cores as there are jobs play of small ones."""
        return self.jobs * self.small / self.small_cpu_s if self.small_cpu_s else 0.0

    def as_json(self) -> dict[str, Any]:
        cpu_ms = 1000 * self.cpu_seconds / max(1, self.histories)
        missing = [
            f"{fault.value} {' '.join(map(str, s))}" for _, s, fault in self.coverage.missing()
        ]
        return {
            "histories": self.histories,
            "violations": self.violations,
            "sites": len(self.coverage.by_scenario),
            "coverage": round(self.coverage.share, 4),
            "not_crashed": missing,
            "histories_per_s": round(self.per_s, 1),
            "small_histories_per_s": round(self.small_per_s, 1),
            "seconds": round(self.seconds, 1),
            "cpu_ms_per_history": round(cpu_ms, 2),
        }


def simulate(
    seeds: range, jobs: int, *, aim: bool = True, progress: Callable[[str, int, int], None]
) -> Result:
    """Play the scenarios in fair weather, the seeds' histories, then aim at what is left.

    `progress` is told a phase, how much of it is done, and how much there is.
    """
    result, began = Result(jobs=jobs), time.monotonic()
    with pool(jobs) as run:
        for scenario, (played, s) in zip(SCENARIOS, run(play_calm, SCENARIOS), strict=True):
            result.coverage.reached(scenario, played)
            result.add(played, s)
            progress("fair weather", result.histories, len(SCENARIOS))
        for done, (played, s) in enumerate(run(play_seed, seeds), 1):
            result.add(played, s)
            progress("histories", done, len(seeds))
        aims = result.coverage.missing() if aim else []
        for done, (played, s) in enumerate(run(_aimed, aims), 1):
            result.add(played, s)
            progress("aimed", done, len(aims))
    result.seconds = time.monotonic() - began
    return result


@contextmanager
def quiet_process() -> Iterator[None]:
    """What a process that plays histories needs: decoding remembered, no log, few collections."""
    stream.log.setLevel("CRITICAL")
    gc.disable()
    gc.freeze()
    try:
        with remembering():
            yield
    finally:
        gc.unfreeze()
        gc.enable()
        stream.log.setLevel("INFO")


def tidy() -> None:
    """Collect what a played history left, and its memory is the next one's; what stays is not
    looked through again.
    """
    gc.collect()
    gc.freeze()


class _Pool:
    """Runs a task on chunks of inputs; answers in the order of the inputs, as they come."""

    def __init__(self, executor: ProcessPoolExecutor | None, jobs: int) -> None:
        self._executor, self._jobs = executor, jobs

    def __call__(self, play: Callable[[Any], Played], given: Iterable[Any]) -> Iterator[Timed]:
        chunks = _chunks(given)
        if self._executor is None:
            for chunk in chunks:
                yield from _play_all(play, chunk)
            return
        running: list[Future[list[Timed]]] = []
        for chunk in chunks:
            running.append(self._executor.submit(_play_all, play, chunk))
            while len(running) >= 2 * self._jobs:
                yield from running.pop(0).result()
        for each in running:
            yield from each.result()


@contextmanager
def pool(jobs: int) -> Iterator[_Pool]:
    """Processes that play; with one job it is this process."""
    if jobs == 1:
        with quiet_process():
            yield _Pool(None, 1)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_begin) as executor:
        yield _Pool(executor, jobs)


def _begin() -> None:
    """A worker is quiet for all its life."""
    _life.enter_context(quiet_process())


def _chunks(given: Iterable[T]) -> Iterator[list[T]]:
    source = iter(given)
    while chunk := list(islice(source, _A_TASK)):
        yield chunk


def _play_all(play: Callable[[Any], Played], given: list[Any]) -> list[Timed]:
    timed, began = list[Timed](), time.process_time()
    for each in given:
        played = play(each)
        tidy()
        ended = time.process_time()
        timed.append((played, ended - began))
        began = ended
    return timed


def _aimed(aim: Aim) -> Played:
    name, site, fault = aim
    return play_aimed(scenario_named(name), site, fault)
