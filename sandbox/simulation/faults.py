"""What goes wrong in a history, and where? Chosen by the seed, or aimed at one site.

A site is (use case, port method, ordinal within one run of the use case).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol


class Fault(StrEnum):
    """What becomes of a call. `lost` means that no answer comes: nobody knows what happened."""

    CRASH_BEFORE = "crash_before"  # the process dies before the call
    CRASH_AFTER = "crash_after"  # it dies when the call has taken effect
    LOST_BEFORE = "lost_before"  # refused, throttled or lost on the way: it took no effect
    LOST_AFTER = "lost_after"  # it took effect, and its answer was lost
    OVERTAKEN = "overtaken"  # others run before the call goes on


class Letter(StrEnum):
    """What becomes of a message."""

    DROPPED = "dropped"
    REPEATED = "repeated"
    DELAYED = "delayed"  # and so others overtake it


Site = tuple[str, str, int]
CRASHES = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)


class Faults(Protocol):
    """`struck` lists what was done, where."""

    struck: list[tuple[Site, Fault]]
    pass_by: bool  # before the quiet that ends a history
    strikes: bool  # calls, ever; messages may go astray without

    def strike(self, use_case: str, method: str, ordinal: int) -> Fault | None:
        """What becomes of this call; None: nothing."""

    def letter(self, kind: str) -> Letter | None:
        """What becomes of this message; None: it arrives once and at once."""

    def delay_s(self, most: int) -> int: ...


class NoFaults:
    """Nothing goes wrong: the quiet after a history, and the runs that name all sites."""

    pass_by, strikes = True, False

    def __init__(self) -> None:
        self.struck: list[tuple[Site, Fault]] = []

    def strike(self, use_case: str, method: str, ordinal: int) -> Fault | None:
        del use_case, method, ordinal
        return None

    def letter(self, kind: str) -> Letter | None:
        del kind
        return None

    def delay_s(self, most: int) -> int:
        del most
        return 0


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is. `calls` is the mean number of calls between two faults; 0: none.

    `most`: faults in all. A few suffice for a bug, and a history of hundreds costs ten others.
    `at`: only at methods that begin so; a read that fails is seldom worth a fault.
    """

    calls: int
    letters: float
    faults: Sequence[Fault] = tuple(Fault)
    most: int = 8
    at: tuple[str, ...] = ("",)


_OUT = ("payments", "payouts", "cpos", "emsps")  # what moves money and chargers, and is told
_WRITES = ("store.write", "files.seal")
CALM = Weather(0, 0.0)
WEATHERS = (
    CALM,
    Weather(0, 0.3),  # only messages go astray
    Weather(200, 0.0, CRASHES, 2),
    Weather(80, 0.1),
    Weather(30, 0.2),
    Weather(20, 0.1, (Fault.OVERTAKEN,), 12),  # everything happens at once
    Weather(40, 0.1, (Fault.LOST_BEFORE, Fault.LOST_AFTER)),  # the net is bad
    Weather(10, 0.3, most=16),
    Weather(3, 0.05, (Fault.LOST_AFTER, Fault.CRASH_AFTER, Fault.OVERTAKEN), at=_OUT),
    Weather(2, 0.0, (Fault.LOST_BEFORE, Fault.LOST_AFTER), 12, at=_OUT),
    Weather(8, 0.1, at=_WRITES),
    Weather(5, 0.05, (Fault.OVERTAKEN,), 20, at=_WRITES),
)


class RandomFaults:
    """As the seed says. The distance to the next fault is drawn once, not a die for each call."""

    pass_by = True

    def __init__(self, random: Random, weather: Weather) -> None:
        self._random, self._weather = random, weather
        self._left = self._distance()
        self._anywhere = "" in weather.at
        self.strikes = weather.calls > 0
        self.struck: list[tuple[Site, Fault]] = []

    def strike(self, use_case: str, method: str, ordinal: int) -> Fault | None:
        if not self._anywhere and not method.startswith(self._weather.at):
            return None
        self._left -= 1
        if self._left:
            return None
        if len(self.struck) + 1 < self._weather.most:
            self._left = self._distance()
        fault = self._random.choice(self._weather.faults)
        self.struck.append(((use_case, method, ordinal), fault))
        return fault

    def letter(self, kind: str) -> Letter | None:
        if self._random.random() >= self._weather.letters:
            return None
        return self._random.choice(_LETTERS.get(kind, _ANY))

    def delay_s(self, most: int) -> int:
        return self._random.randrange(1, most + 1)

    def _distance(self) -> int:
        if not self._weather.calls:
            return -1  # never reaches zero
        return 1 + int(self._random.expovariate(1 / self._weather.calls))


_ANY = tuple(Letter)
_LETTERS = {
    # A driver's or a partner's own call that is lost was not made; the provider repeats for days.
    "partner": (Letter.REPEATED, Letter.DELAYED),
    "schedule": (Letter.REPEATED, Letter.DELAYED),  # one that fails is followed by the next
    "machine": (Letter.DELAYED,),
    "webhook": (Letter.DROPPED, Letter.REPEATED, Letter.DELAYED, Letter.DELAYED),
}


class AimedFaults(NoFaults):
    """One crash at one site, the first time that it is reached; everything else goes well."""

    pass_by, strikes = False, True

    def __init__(self, site: Site, fault: Fault) -> None:
        super().__init__()
        self._site, self._fault = site, fault

    def strike(self, use_case: str, method: str, ordinal: int) -> Fault | None:
        if self.struck or (use_case, method, ordinal) != self._site:
            return None
        self.struck.append((self._site, self._fault))
        return self._fault
