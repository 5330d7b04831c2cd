"""How is a request that is sent twice done once? Its answer is kept under its Idempotency-Key."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.access.idempotency import (
    KEPT_H,
    Attempt,
    IdempotencyKeyReused,
    RequestInFlight,
)
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Delete, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import find

_LEASE = timedelta(seconds=60)  # twice the longest that a request may take at API Gateway


def once(
    ports: Ports,
    partner_id: PartyId,
    operation: str,
    key: str,
    *,
    request_hash: str,
    do: Callable[[], tuple[int, str]],
) -> tuple[int, str, bool]:
    """`do`'s (status, body), or those of the first request with this key and True.

    A refusal is not kept, so that a mended world can be tried again under the same key. What `do`
    writes must bear a repeat: a crash between its write and ours frees the key after a minute.
    """
    item = keys.idempotency(partner_id, operation, key)
    kept = _begin(ports, item, request_hash)
    if kept is not None:
        return kept.status, kept.body, True
    try:
        status, body = do()
    except DomainError:
        ports.store.write(Delete(item))
        raise
    ports.store.write(_put(ports, item, Attempt(request_hash, ports.clock.wall(), status, body)))
    return status, body, False


def _begin(ports: Ports, item: Key, request_hash: str) -> Attempt | None:
    """Take the key for this request, or give the answer that is kept under it."""
    now = ports.clock.wall()  # a lease is about a process that died, not about the market's time
    record = find(ports.store, item, Attempt)
    expects = ABSENT
    if record is not None:
        attempt, expects = record.value, record.version
        if attempt.request_hash != request_hash:
            raise IdempotencyKeyReused
        if attempt.status:
            return attempt
        if now < attempt.lease_until:
            raise RequestInFlight
    try:
        ports.store.write(_put(ports, item, Attempt(request_hash, now + _LEASE), expects))
    except WriteConflict as raced:
        raise RequestInFlight from raced
    return None


def _put(ports: Ports, item: Key, attempt: Attempt, expects: int | None = None) -> Put:
    until = ports.clock.wall() + timedelta(hours=KEPT_H)
    return Put(item, to_plain(attempt), expects=expects, expires_at=int(until.timestamp()))
