"""What is a planted bug? One thing that the code gets right, undone while it lasts.

The simulation is trusted as far as it finds these: each stands for a mistake that somebody could
make in the use cases or in a store.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

from sandbox.simulation.market import market_of
from sandbox.simulation.remember import everywhere
from sandbox.simulation.roaming.market import roaming_market_of
from sandbox.simulation.trip import DAYS

Wrong = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Planted:
    """`where` is `module:name` or `module:Class.name`; `wrong` makes the bug of what is right.

    A function is replaced in every module that has imported it and in their tables, or `here`
    alone. `also` lists what goes with it. `by` names a history that finds it (play.py).
    """

    name: str
    where: str
    wrong: Wrong
    also: tuple[tuple[str, Wrong], ...] = ()
    here: bool = False
    by: str = ""

    def histories(self, most: int) -> list[str]:
        """The known one, then others, should what a seed plays have changed since."""
        return [self.by, *(f"seed {seed}" for seed in range(most))]

    @contextmanager
    def plant(self) -> Iterator[None]:
        for day in DAYS:  # what is there before a history begins is right
            for cpos in (1, 2):
                market_of(day, cpos)
                roaming_market_of(day, cpos)
        with ExitStack() as stack:
            for where, wrong in ((self.where, self.wrong), *self.also):
                self._plant(stack, where, wrong)
            yield

    def _plant(self, stack: ExitStack, where: str, make: Wrong) -> None:
        module, _, path = where.partition(":")
        owner: Any = import_module(module)
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        right = getattr(owner, name)
        wrong = make(right)
        stack.enter_context(patch.object(owner, name, wrong))
        if callable(right) and not parents and not self.here:
            everywhere(stack, right, wrong)


def instead(wrong: Any) -> Wrong:
    """Whatever was right: this."""
    return lambda _: wrong
