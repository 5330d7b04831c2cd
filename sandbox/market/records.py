"""What does the table hold at the end? Every record of a kind, read past the use cases.

An auditor reads the table itself, so that a forgotten list cannot hide an entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.dynamodb.packed import body_of
from chalicelib.domain.codec import from_plain
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import Payout
from chalicelib.domain.settlement.run import WindowRun
from sandbox.aws.local import LocalAws


@dataclass(frozen=True, slots=True)
class Records:
    sessions: tuple[Session, ...]
    entries: tuple[Entry, ...]
    payouts: tuple[Payout, ...]
    windows: tuple[WindowRun, ...]
    quarantined: tuple[str, ...]


def read_records(aws: LocalAws) -> Records:
    """Everything, in order of ids."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for pk, sk, body in sorted(_items(aws), key=lambda item: item[:2]):
        found.setdefault(pk.partition("#")[0], []).append((sk, body))

    def of(kind: str) -> list[Any]:
        return [body for _, body in found.get(kind, [])]

    return Records(
        sessions=tuple(from_plain(Session, body) for body in of("session")),
        entries=tuple(from_plain(Entry, body) for body in of("entry")),
        payouts=tuple(
            from_plain(Payout, body) for sk, body in found.get("payout", []) if sk == "state"
        ),
        windows=tuple(
            from_plain(WindowRun, body) for sk, body in found.get("window", []) if sk == "state"
        ),
        quarantined=tuple(f"{sk}: {body}" for sk, body in found.get("quarantine", [])),
    )


def _items(aws: LocalAws) -> Iterator[tuple[str, str, Any]]:
    table = aws.stack.environments["APIHandler"]["TABLE"]
    for page in aws.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            yield item["pk"]["S"], item["sk"]["S"], body_of(item)
