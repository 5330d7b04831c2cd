"""What does AWS ask for a thousand sessions? What one session uses, counted, times its prices.

Counted: DynamoDB units and calls, API requests, invocations, files, lines of logs, calls of others.
Assumed: how long calls and our own code take (bench/prices.toml). Functions that run effects are
shared by the sessions of a full batch, as at volume; what is paid by the hour, by the day or by the
payee is shown beside.
"""

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.counting import Written
from bench.journey import Journey
from chalicelib.domain.agreement.agreement import PaymentMethod

SESSIONS = 1000
REST_MAX, HTTP_MAX = 0.14, 0.08
_PRICES = Path(__file__).with_name("prices.toml")
_BATCH, _AT_ONCE = 25, 8  # infra/effects.json, handlers/effects/stream.py
_CONFIG = Path(__file__).parents[1] / ".chalice" / "config.json"
CORE_MB = 1769  # with which a function has one processor to itself
# A line of ours. Lambda's own are switched off (infra/functions.json); a request logs none but a
# webhook, which says which event it was, and a batch of effects says how many it ran.
_LOG_BYTES = 300
_OTHERS = {"payments": "provider", "cpos": "cpo", "web": "partner", "files": "file"}


@dataclass(frozen=True, slots=True)
class Prices:
    day: date
    usd: dict[str, Decimal]
    ms: dict[str, int]
    core_ms: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the bill: how much of it a session uses, and what a thousand cost."""

    what: str
    used: Decimal
    usd: Decimal


def prices() -> Prices:
    told: dict[str, Any] = tomllib.loads(_PRICES.read_text(), parse_float=Decimal)
    usd = {name: Decimal(text) for name, text in told["usd"].items()}
    core_ms = {name: Decimal(ms) for name, ms in told["core_milliseconds"].items()}
    return Prices(told["day"], usd, told["milliseconds"], core_ms)


def memory_mb(function: str) -> int:
    functions = json.loads(_CONFIG.read_text())["stages"]["live"]["lambda_functions"]
    return int(functions[function]["lambda_memory_size"])


class Counted:
    """Any port, with its calls counted by method; everything else is the port's own."""

    def __init__(self, port: Any, tally: Counter[str], name: str) -> None:  # noqa: ANN401 - any port
        object.__setattr__(self, "_own", (port, tally, name))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the port's
        port, tally, label = self._own
        found = getattr(port, name)
        if not callable(found):
            return found

        def called(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            tally[f"{label}.{name}"] += 1
            return found(*given, **named)

        return called

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401
        setattr(self._own[0], name, value)


class Used:
    """What one session of a partner that pays by `method` uses."""

    def __init__(self, method: PaymentMethod) -> None:
        self.calls: Counter[str] = Counter()
        journey = Journey(method)
        for port in _OTHERS:
            setattr(journey.ports, port, Counted(getattr(journey.ports, port), self.calls, port))
        self.written: list[Written] = journey.run()
        self.stream = journey.store.streamed
        self.reads, self.read_units = journey.store.reads, journey.store.units_read
        self.read_by = journey.store.read_by
        self.requests = journey.requests
        self.calls_served, self.calls_of_effects = (
            journey.store.calls[True],
            journey.store.calls[False],
        )

    @property
    def units(self) -> int:
        return sum(write.units for write in self.written)


def bill(used: Used, priced: Prices, *, ocpi_on_http: bool) -> list[Part]:
    """A thousand sessions, line by line."""
    usd, requests = priced.usd, used.requests
    rest = sum(requests.values()) - (requests["CPO"] if ocpi_on_http else 0)
    http = requests["CPO"] if ocpi_on_http else 0
    batches = Decimal(used.stream) / _BATCH
    log_lines = requests["provider"] + batches
    lines: list[tuple[str, Decimal | int, Decimal]] = [
        ("requests of the REST API", rest, usd["rest_request"]),
        ("requests of the HTTP API", http, usd["http_request"]),
        ("write units", used.units, usd["write_unit"]),
        ("read units", used.read_units, usd["read_unit"]),
        ("invocations", sum(requests.values()) + batches, usd["function_request"]),
        ("GB-seconds of functions", _gb_s(used, priced), usd["function_gb_s"]),
        ("files put", used.calls["files.seal"], usd["file_put"]),
        ("files read", used.calls["files.read"], usd["file_get"]),
        ("lines of logs", log_lines, usd["log_gb"] * _LOG_BYTES / 10**9),
    ]
    return [Part(what, Decimal(n), Decimal(n) * each * SESSIONS) for what, n, each in lines if n]


def _gb_s(used: Used, priced: Prices) -> Decimal:
    """A request each, which waits for its calls one after the other, and the session's part of
    full batches of effects, whose calls wait side by side.
    """
    waiting = dict.fromkeys(_OTHERS.values(), 0)
    for call, times in used.calls.items():
        waiting[_OTHERS[call.partition(".")[0]]] += times
    ms, core_ms = priced.ms, priced.core_ms
    served_ms = Decimal(used.calls_served * ms["table"])
    others_ms = sum(times * ms[label] for label, times in waiting.items())
    effects_ms = Decimal(used.calls_of_effects * ms["table"] + others_ms) / _AT_ONCE
    api = _took(served_ms, sum(used.requests.values()) * core_ms["request"], "api_handler")
    return api + _took(effects_ms, used.stream * core_ms["effects"], "run_effects")


def _took(waiting_ms: Decimal, core_ms: Decimal, function: str) -> Decimal:
    """GB-seconds of so much waiting, and so much work on the part of a processor that it has."""
    memory = memory_mb(function)
    return (waiting_ms + core_ms * CORE_MB / memory) / 1000 * memory / 1024


_FIXED = {"requests of the REST API", "requests of the HTTP API", "write units", "invocations"}


def fixed(parts: list[Part]) -> Decimal:
    """What no read, millisecond, file or line less would save: requests, and what they write."""
    return total([part for part in parts if part.what in _FIXED])


def total(parts: list[Part]) -> Decimal:
    return sum((part.usd for part in parts), Decimal(0))
