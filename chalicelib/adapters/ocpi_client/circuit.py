"""Which CPO is left alone for a moment? One that did not answer several times in a row.

A circuit per peer and kind of call, in this process alone: it costs no write, and a process that
does not know yet pays a few calls to learn. Lists and commands are apart, since a CPO whose lists
take for ever may start chargers at once. A call that answers late counts as one that did not: many
of them would hold up whoever waits behind.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from chalicelib.domain.connection.connection import Connection
from chalicelib.ports.clock import Clock
from chalicelib.ports.cpo import ChargePoints, CpoNotAsked, CpoRefused, CpoUnavailable, ListTooLong

T = TypeVar("T")

FAILURES_MAX = 3  # in a row; then it is left alone
PAUSE = timedelta(seconds=30)  # the first; each further one is twice as long
_PAUSE_MAX = timedelta(minutes=10)
SLOW_S = 15
_LISTS = frozenset({"locations", "tariffs", "sessions", "cdrs", "client_infos"})
_HANDSHAKE = frozenset({"discover", "register", "close"})  # of peers that are not connected yet


@dataclass
class _Circuit:
    """`open_until`: nobody is asked before; then one call tries, and its fate decides."""

    failures: int = 0
    open_until: datetime | None = None


class Guarded:
    """ChargePoints whose silent peers are not asked. Implements ports.cpo.ChargePoints by name."""

    def __init__(self, cpos: ChargePoints, clock: Clock) -> None:
        self._cpos, self._clock = cpos, clock
        self._circuits: dict[tuple[str, str], _Circuit] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the port
        method = getattr(self._cpos, name)
        if name in _HANDSHAKE:
            return method

        def call(connection: Connection, *args: Any, **named: Any) -> Any:  # noqa: ANN401
            kind = "lists" if name in _LISTS else "commands"
            return self._guarded((connection.id, kind), lambda: method(connection, *args, **named))

        return call

    def _guarded(self, who: tuple[str, str], ask: Callable[[], T]) -> T:
        circuit = self._circuits.setdefault(who, _Circuit())
        if circuit.open_until is not None and self._clock.now() < circuit.open_until:
            raise CpoNotAsked(f"{who[0]} has not answered {circuit.failures} times")
        if circuit.open_until is not None:  # others wait until this one's fate is known
            circuit.open_until = self._clock.now() + PAUSE
        started = time.monotonic()
        try:
            answer = ask()
        except ListTooLong:  # it answers, and more than may be read at once: it is asked for less
            raise
        except CpoUnavailable:
            self._failed(who, circuit)
            raise
        except CpoRefused:  # a no is an answer
            self._answered(who, circuit, started)
            raise
        self._answered(who, circuit, started)
        return answer

    def _answered(self, who: tuple[str, str], circuit: _Circuit, started: float) -> None:
        if time.monotonic() - started > SLOW_S:
            self._failed(who, circuit)
        else:
            circuit.failures, circuit.open_until = 0, None

    def _failed(self, who: tuple[str, str], circuit: _Circuit) -> None:
        circuit.failures += 1
        if circuit.failures < FAILURES_MAX:
            return
        now, times = self._clock.now(), min(circuit.failures - FAILURES_MAX, 9)
        pause = min(PAUSE * 2**times, _PAUSE_MAX)
        dice = sha256(f"{who} {now.isoformat()}".encode()).digest()[0]
        circuit.open_until = now + pause - pause * dice // 1024  # up to a quarter less
