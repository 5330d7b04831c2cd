"""Ports that die: the process is killed before or after its n-th act on the outside world.

An act is whatever others can see: a write of the table, a sealed file, a call of the rail.
"""

from collections.abc import Callable
from typing import Any

from sandbox.memory.machine import Killed
from sandbox.memory.ports import MemoryPorts

_ACTS = {
    "store": {"write"},
    "files": {"seal"},
    "payouts": {"transfer", "pay", "reverse_transfer"},
}


class Fragile:
    """`die_at` counts acts from 1; 0 never dies. `acts` lists what was done, for a test's eye."""

    def __init__(self, ports: MemoryPorts, die_at: int = 0, *, after: bool = False) -> None:
        self._ports = ports
        self._die_at, self._after = die_at, after
        self.acts: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for any port
        port = getattr(self._ports, name)
        return _FragilePort(port, _ACTS[name], self.act) if name in _ACTS else port

    def act(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        self.acts.append(name)
        dies = len(self.acts) == self._die_at
        if dies and not self._after:
            raise Killed(name)
        result = call()
        if dies:
            raise Killed(name)
        return result


class _FragilePort:
    def __init__(self, port: Any, acts: set[str], act: Callable[..., Any]) -> None:  # noqa: ANN401
        self._port, self._acts, self._act = port, acts, act

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        method = getattr(self._port, name)
        if name not in self._acts:
            return method
        return lambda *args, **named: self._act(name, lambda: method(*args, **named))
