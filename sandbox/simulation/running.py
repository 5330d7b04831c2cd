"""How does a process run a use case, and what does whoever called it make of its end?"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.domain.errors import DomainError, NotYet
from sandbox.memory.machine import Killed
from sandbox.simulation.outside import Outside

_FRAMES = 6


class End(StrEnum):
    """How one run of a use case ended."""

    DONE = "done"
    DEAD = "dead"  # its process died: the caller hears nothing, or a 5xx
    LATER = "later"  # a refusal for now: 503
    REFUSED = "refused"
    BROKEN = "broken"  # a bug of ours: 500


@dataclass(frozen=True, slots=True)
class Ran:
    end: End
    value: Any = None
    refusal: DomainError | None = None

    @property
    def answered(self) -> bool:
        """Whether the caller has an answer that it need not ask for again."""
        return self.end in {End.DONE, End.REFUSED}


class Processes:
    """Runs use cases on the guarded bundle. `broken` are exceptions that no use case may end with.

    `after` is called when one has ended: what it wrote goes its way, dead or not.
    """

    def __init__(self, outside: Outside, after: Callable[[], None]) -> None:
        self._outside, self._after = outside, after
        self._acts: list[tuple[str, Callable[[Any], Any]]] = []
        self.broken: list[str] = []

    def twin(self) -> None:
        """Run once more what is running: a repeated call, or the sweeper beside the stream."""
        self.run(*self._acts[-1])

    def run(self, use_case: str, act: Callable[[Any], Any]) -> Ran:
        self._outside.enter(use_case)
        self._acts.append((use_case, act))
        try:
            return Ran(End.DONE, act(self._outside))
        except Killed:
            return Ran(End.DEAD)
        except NotYet as refusal:
            return Ran(End.LATER, refusal=refusal)
        except DomainError as refusal:
            return Ran(End.REFUSED, refusal=refusal)
        except Exception as bug:  # noqa: BLE001 - the history goes on, and names it at its end
            self.broken.append(f"{use_case}: {told(bug)}")
            return Ran(End.BROKEN)
        finally:
            self._acts.pop()
            self._outside.leave()
            self._after()


def told(bug: BaseException) -> str:
    """An exception and where it came from, in one line."""
    frames = traceback.extract_tb(bug.__traceback__)[-_FRAMES:]
    where = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(bug).__name__}: {bug} ({where})"
