"""How many owners or peers are worked on at once? Threads where several are; else none is begun."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


@contextmanager
def mapped(at_once: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """`map`, with so many calls at once; answers in the order of what was given."""
    if at_once == 1:
        yield map
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield pool.map
