"""How does one event reach one endpoint? Attempts with growing pauses for three days."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.ids import PartyId

# After the n-th attempt failed; together 72 hours; the sweeper comes up to ten minutes later.
_PAUSES_S = (60, 600, 1800, 7200, 18000, 36000, 50400, 64800, 80340)
_JITTER_PERCENT = 10
_GONE = 410


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # three days are over, or the endpoint will never take it
    CANCELLED = "cancelled"  # the endpoint was deleted meanwhile


@dataclass(frozen=True, slots=True)
class Delivery:
    """`round` counts replays, `last_status` is the HTTP status (0: no answer)."""

    partner_id: PartyId
    endpoint_id: str
    event_id: str
    state: DeliveryState
    effects: tuple[Effect, ...]
    round: int = 1
    attempts: int = 0
    last_status: int | None = None
    last_at: datetime | None = None
    reason: str = ""

    @property
    def next_at(self) -> datetime | None:
        return self.effects[0].due if self.effects else None


def first(partner_id: PartyId, endpoint_id: str, event_id: str, now: datetime) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(partner_id, endpoint_id, event_id, DeliveryState.PENDING, (_effect(1, now),))


def again(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery as a new round that is due at once: a person asked for it."""
    count = delivery.round + 1
    return replace(
        delivery,
        state=DeliveryState.PENDING,
        effects=(_effect(count, now),),
        round=count,
        attempts=0,
        reason="",
    )


def answered(delivery: Delivery, status: int, now: datetime) -> Delivery:
    """After an attempt: done, due again after a pause, or given up."""
    tried = replace(
        delivery, attempts=delivery.attempts + 1, last_status=status, last_at=now, effects=()
    )
    if 200 <= status < 300:  # noqa: PLR2004 - Standard Webhooks: any 2xx is success
        return replace(tried, state=DeliveryState.DELIVERED, reason="")
    if status == _GONE:
        return closed(tried, DeliveryState.FAILED, "endpoint_gone")
    reason = f"http_{status}" if status else "no_answer"
    if tried.attempts > len(_PAUSES_S):
        return closed(tried, DeliveryState.FAILED, reason)
    due = now + _pause(delivery, tried.attempts)
    return replace(tried, effects=(delivery.effects[0].retried(due),), reason=reason)


def closed(delivery: Delivery, state: DeliveryState, reason: str) -> Delivery:
    """The delivery as over: nothing is sent any more unless it is replayed."""
    return replace(delivery, state=state, effects=(), reason=reason)


def gone(delivery: Delivery) -> bool:
    """Whether the endpoint said that it is not there any more and never will be."""
    return delivery.last_status == _GONE


def _effect(round_: int, now: datetime) -> Effect:
    return Effect(f"deliver-{round_}", EffectKind.DELIVER, due=now, made_at=now)


def _pause(delivery: Delivery, attempts: int) -> timedelta:
    """The pause with a jitter that is the same in every run and differs between deliveries."""
    base = _PAUSES_S[attempts - 1]
    seed = f"{delivery.event_id}{delivery.endpoint_id}{attempts}".encode()
    percent = int(sha256(seed).hexdigest()[:8], 16) % (_JITTER_PERCENT + 1)
    return timedelta(seconds=base + base * percent // 100)
