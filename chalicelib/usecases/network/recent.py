"""What was read a moment ago, and is asked again? For answers that inform and bind nobody."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chalicelib.ports.bundle import Ports

T = TypeVar("T")
KEPT_FOR = timedelta(minutes=1)
_KEPT_MAX = 5000
_kept: dict[Hashable, tuple[datetime, Any]] = {}


def recent(ports: Ports, asked: Hashable, read: Callable[[], T]) -> T:
    """What `read` gave for the same question at most a minute ago, in this process and store."""
    now, name = ports.clock.now(), (ports.store, asked)
    known = _kept.get(name)
    if known is not None and known[0] <= now < known[0] + KEPT_FOR:
        found: T = known[1]
        return found
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    found = read()
    _kept[name] = (now, found)
    return found
