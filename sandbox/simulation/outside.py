"""What stands between a use case and its ports? A guard that counts calls and lets them fail.

Each call of a port by a running use case is a site. Here the process dies, the answer is lost, or
others run first, as the history's faults say.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.errors import NotYet
from chalicelib.ports.bank import MailboxUnavailable
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.ports.payments import ProviderUnavailable
from chalicelib.ports.rates import RatesUnavailable
from chalicelib.ports.store import StoreUnavailable
from chalicelib.usecases.bank.rail import SepaPayouts
from sandbox.memory.machine import Killed
from sandbox.memory.ports import MemoryPorts
from sandbox.simulation.faults import Fault, Faults

GUARDED = {
    "store": ("get", "get_many", "query", "query_each", "write"),
    "personal": ("get", "get_many", "query", "query_each", "write"),
    "files": ("seal", "read", "names"),
    "payments": (
        "hold",
        "extend",
        "charge",
        "capture",
        "release",
        "refund",
        "read",
        "find",
        "read_refund",
        "read_dispute",
        "events",
        "contest",
        "set_up",
        "read_setup",
        "detach",
    ),
    "payouts": (
        "balance",
        "currencies",
        "transfer",
        "find_transfer",
        "pay",
        "find_payout",
        "read_payout",
        "reverse_transfer",
        "balance_lines",
    ),
    "cpos": (
        *("discover", "register", "leave", "locations", "tariffs", "sessions", "cdrs"),
        "client_infos",
        *("start_session", "stop_session", "prefer", "unlock", "reserve", "cancel_reservation"),
    ),
    "emsps": (
        *("put_session", "post_cdr", "post_result", "authorize", "tokens"),
        *("put_location", "put_tariff", "delete_tariff", "put_client_info"),
    ),
    "rates": ("latest",),
    "mailbox": ("put", "was_put", "answers", "read"),
    "secrets": ("read", "write", "delete"),
    "web": ("post",),
    "machine": ("start", "running"),
}


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Silence(NotYet):
    """No answer from a file store, a store of secrets or the state machine's service."""

    code = "no_answer"


_LOST: dict[str, type[NotYet]] = {
    "store": StoreUnavailable,
    "personal": StoreUnavailable,
    "files": Silence,
    "machine": Silence,
    "payments": ProviderUnavailable,
    "payouts": ProviderUnavailable,
    "cpos": CpoUnavailable,
    "emsps": CpoUnavailable,
    "rates": RatesUnavailable,
    "mailbox": MailboxUnavailable,
    "secrets": Silence,
}
_NO_ANSWER = 0  # a partner's endpoint: the port says so by a status


def _unanswered(port: str) -> int:
    if port == "web":
        return _NO_ANSWER
    raise _LOST[port]("no answer")


Running = tuple[str, dict[str, int]]  # a use case, and how often this run called each method


class Outside:
    """The bundle that use cases get. `others` runs what else is waiting, in the middle of a call.

    Every public part of the real bundle is there; those listed above are guarded. Out of any use
    case (`running` is empty) a guarded part is the part itself.
    """

    def __init__(self, ports: MemoryPorts, machine: object, faults: Faults) -> None:
        self.let(faults)
        self.running: list[Running] = []
        self.others: Callable[[], None] = lambda: None
        self.reached: dict[tuple[str, str], int] = {}
        self.away = ("", _LONG_AGO, _LONG_AGO)  # a port that nobody reaches, from when to when
        self.clock = ports.clock
        self._ports = ports
        parts = {**vars(ports), "machine": machine}
        for name, methods in GUARDED.items():
            if name in parts:
                setattr(self, name, _Guarded(self, name, parts[name], methods))
        bundle: Any = self
        self.bank_payouts = SepaPayouts(bundle)  # our own code, on ports that fail

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what is not guarded: clock, ids …
        return getattr(self._ports, name)

    def let(self, faults: Faults) -> None:
        """From here on these go wrong."""
        self.strike = faults.strike if faults.strikes else None

    def enter(self, use_case: str) -> None:
        self.running.append((use_case, {}))

    def leave(self) -> None:
        use_case, counts = self.running.pop()
        for method, count in counts.items():
            site = (use_case, method)
            if count > self.reached.get(site, 0):
                self.reached[site] = count


class _Guarded:
    """One port. Its guarded methods are made when they are first called; others are its own."""

    def __init__(self, outside: Outside, name: str, port: Any, methods: tuple[str, ...]) -> None:  # noqa: ANN401
        self._outside, self._name, self._port, self._methods = outside, name, port, methods

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        call = getattr(self._port, name)
        if name not in self._methods:
            return call
        guarded = _guarded(self._outside, self._name, f"{self._name}.{name}", call)
        setattr(self, name, guarded)
        return guarded


def _guarded(
    outside: Outside, port: str, name: str, method: Callable[..., Any]
) -> Callable[..., Any]:
    running = outside.running

    def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any method
        if not running:
            return method(*args, **named)
        use_case, counts = running[-1]
        counts[name] = ordinal = counts.get(name, 0) + 1
        strike = outside.strike
        fault = None if strike is None else strike(use_case, name, ordinal)
        if port == outside.away[0] and outside.away[1] <= outside.clock.at < outside.away[2]:
            return _unanswered(port)
        if fault is None:
            return method(*args, **named)
        return _struck(outside, fault, port, lambda: method(*args, **named))

    return call


def _struck(outside: Outside, fault: Fault, port: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
    match fault:
        case Fault.OVERTAKEN:
            outside.others()
            return call()
        case Fault.CRASH_BEFORE:
            raise Killed
        case Fault.CRASH_AFTER:
            call()
            raise Killed
        case Fault.LOST_BEFORE:
            return _unanswered(port)
        case Fault.LOST_AFTER:
            call()
            return _unanswered(port)
