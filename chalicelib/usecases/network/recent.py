"""What was read a moment ago, and is asked again? For answers that inform and bind nobody."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chalicelib.ports.bundle import Ports

T = TypeVar("T")
KEPT_FOR = timedelta(minutes=1)
_KEPT_MAX = 25_000  # a tariff for each location that a search ranks
_kept: dict[Hashable, tuple[datetime, Any]] = {}


def forget() -> None:
    """As a new process begins."""
    _kept.clear()


def recent(ports: Ports, asked: Hashable, read: Callable[[], T]) -> T:
    """What `read` gave for the same question at most a minute ago, in this process and store."""
    if is_recent(ports, asked):
        known: T = _kept[ports.store, asked][1]
        return known
    found = read()
    keep(ports, asked, found)
    return found


def is_recent(ports: Ports, asked: Hashable) -> bool:
    """Whether it was answered at most a minute ago."""
    known, now = _kept.get((ports.store, asked)), ports.clock.now()
    return known is not None and known[0] <= now < known[0] + KEPT_FOR


def keep(ports: Ports, asked: Hashable, found: object) -> None:
    """Answer the question by this for a minute: it was read together with others."""
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    _kept[ports.store, asked] = (ports.clock.now(), found)
