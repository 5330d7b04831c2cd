"""What does AWS ask for a thousand sessions? What one session uses, counted, times its prices.

Counted: DynamoDB units, API requests, invocations, files, calls of others. Assumed: how long the
calls take (bench/prices.toml). Functions that run effects are shared by the sessions of a full
batch, as at volume; what is paid by the hour, by the day or by the payee is shown beside.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import messages
from bench.counting import Written
from bench.journey import Journey
from chalicelib.domain.agreement.agreement import PaymentMethod

SESSIONS = 1000
REST_MAX, HTTP_MAX = 0.14, 0.08
_PRICES = Path(__file__).with_name("prices.toml")
_BATCH, _AT_ONCE = 25, 8  # infra/effects.json, handlers/effects/stream.py
_FUNCTION_GB = Decimal(1)
_LOG_BYTES = 300  # a line of ours, with Lambda's own lines switched off (infra/functions.json)
_OTHERS = {"payments": "provider", "cpos": "cpo", "web": "partner", "files": "file"}
_PARTNER_REQUESTS = 2  # quote, start
_WEBHOOKS = 2  # that the hold stands, and that it was captured
# The PUT, the CDR and the asynchronous result of START_SESSION, beside the PATCHes.
_OCPI_REQUESTS = 3 + messages.PATCHES


@dataclass(frozen=True, slots=True)
class Prices:
    day: date
    usd: dict[str, Decimal]
    ms: dict[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the bill: how much of it a session uses, and what a thousand cost."""

    what: str
    used: Decimal
    usd: Decimal


def prices() -> Prices:
    told: dict[str, Any] = tomllib.loads(_PRICES.read_text())
    usd = {name: Decimal(text) for name, text in told["usd"].items()}
    return Prices(told["day"], usd, told["milliseconds"])


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
        self.requests = {
            "partners": _PARTNER_REQUESTS,
            "provider": _WEBHOOKS if method is PaymentMethod.CARD else 0,
            "CPO": _OCPI_REQUESTS,
        }

    @property
    def units(self) -> int:
        return sum(write.units for write in self.written)

    @property
    def table_calls(self) -> int:
        transactions = {(w.step, w.use_case) for w in self.written if w.in_transaction}
        alone = sum(not write.in_transaction for write in self.written)
        return self.reads + alone + len(transactions)


def bill(used: Used, priced: Prices, *, ocpi_on_http: bool) -> list[Part]:
    """A thousand sessions, line by line."""
    usd, requests = priced.usd, used.requests
    rest = sum(requests.values()) - (requests["CPO"] if ocpi_on_http else 0)
    http = requests["CPO"] if ocpi_on_http else 0
    invocations, gb_s = _functions(used, priced)
    logs = invocations * _LOG_BYTES / Decimal(10**9)
    lines: list[tuple[str, Decimal | int, Decimal]] = [
        ("requests of the REST API", rest, usd["rest_request"]),
        ("requests of the HTTP API", http, usd["http_request"]),
        ("write units", used.units, usd["write_unit"]),
        ("read units", used.read_units, usd["read_unit"]),
        ("invocations", invocations, usd["function_request"]),
        ("GB-seconds of functions", gb_s, usd["function_gb_s"]),
        ("files put", used.calls["files.seal"], usd["file_put"]),
        ("files read", used.calls["files.read"], usd["file_get"]),
        ("GB of logs", logs, usd["log_gb"]),
    ]
    return [Part(what, Decimal(n), Decimal(n) * each * SESSIONS) for what, n, each in lines if n]


def _functions(used: Used, priced: Prices) -> tuple[Decimal, Decimal]:
    """Invocations and GB-seconds: a request each, and the session's part of full batches."""
    asked = sum(used.requests.values())
    batches = Decimal(used.stream) / _BATCH
    others = dict.fromkeys(_OTHERS.values(), 0)
    for call, times in used.calls.items():
        others[_OTHERS[call.partition(".")[0]]] += times
    ms = priced.ms
    of_requests = asked * (ms["own"] + ms["table"])
    waiting = sum(times * ms[label] for label, times in others.items())
    of_effects = used.table_calls * ms["table"] + waiting + used.stream * ms["own"]
    busy_ms = of_requests + Decimal(of_effects) / _AT_ONCE
    return asked + batches, busy_ms / 1000 * _FUNCTION_GB


_FIXED = {"requests of the REST API", "requests of the HTTP API", "write units", "invocations"}


def fixed(parts: list[Part]) -> Decimal:
    """What no read, millisecond, file or line less would save: requests, and what they write."""
    return total([part for part in parts if part.what in _FIXED])


def total(parts: list[Part]) -> Decimal:
    return sum((part.usd for part in parts), Decimal(0))
