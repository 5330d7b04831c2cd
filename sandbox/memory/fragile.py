"""Ports that die, or that are overtaken, at their n-th act on the outside world.

An act is whatever others can see: a write of the table, a sealed file, a call of the rail.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.usecases.bank.rail import SepaPayouts
from sandbox.memory.machine import Killed
from sandbox.memory.ports import MemoryPorts

_ACTS = {
    "store": {"write"},
    "files": {"seal"},
    "payouts": {"transfer", "pay", "reverse_transfer"},
    "mailbox": {"put"},
}


class Fragile:
    """`at` counts acts from 1; 0 is never. There the process is killed before the act, or after
    it; or somebody else comes first (`meanwhile`) and the act goes on. `acts` lists what was done.
    """

    def __init__(
        self,
        ports: MemoryPorts,
        at: int = 0,
        *,
        after: bool = False,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self._ports = ports
        self._at, self._after, self._meanwhile = at, after, meanwhile
        self.acts: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for any port
        if name == "bank_payouts":  # our own code, on ports that die
            bundle: Any = self
            return SepaPayouts(bundle)
        port = getattr(self._ports, name)
        return _FragilePort(port, _ACTS[name], self.act) if name in _ACTS else port

    def act(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        self.acts.append(name)
        if len(self.acts) != self._at:
            return call()
        if self._meanwhile is not None:
            self._meanwhile()
            return call()
        if self._after:
            call()
        raise Killed(name)


class _FragilePort:
    def __init__(self, port: Any, acts: set[str], act: Callable[..., Any]) -> None:  # noqa: ANN401
        self._port, self._acts, self._act = port, acts, act

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        method = getattr(self._port, name)
        if name not in self._acts:
            return method
        return lambda *args, **named: self._act(name, lambda: method(*args, **named))
