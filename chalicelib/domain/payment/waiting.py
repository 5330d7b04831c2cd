"""What do a top-up, a saved method, an invoice and a chargeback have in common? They wait.

Like a session, each is one item that owns its effects and numbers what its partner is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.ids import PartyId

_BACKOFF_S = (30, 60, 300, 900, 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`made` counts its effects, so that no provider's key is used twice."""

    id: str
    partner_id: PartyId
    effects: tuple[Effect, ...] = ()
    told: int = 0
    made: int = 0

    def due(self, at: datetime) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if effect.due <= at)


W = TypeVar("W", bound=Waiting)


def added(
    owner: W,
    kind: EffectKind,
    at: datetime,
    detail: Mapping[str, str] | None = None,
    *,
    after: timedelta = timedelta(0),
) -> W:
    number = owner.made + 1
    effect = Effect(f"{kind.value}-{number}", kind, at + after, at, detail=dict(detail or {}))
    return replace(owner, made=number, effects=(*owner.effects, effect))


def told(owner: W, at: datetime, type_: str, **data: str) -> W:
    """The owner with an event for its partner, numbered in the order it happened."""
    number = owner.told + 1
    detail = {"type": type_, "sequence": str(number), **data}
    return added(replace(owner, told=number), EffectKind.TELL_PARTNER, at, detail)


def settled(owner: W, effect: Effect) -> W:
    return replace(owner, effects=tuple(e for e in owner.effects if e.id != effect.id))


def without(owner: W, kind: EffectKind) -> W:
    return replace(owner, effects=tuple(e for e in owner.effects if e.kind is not kind))


def postponed(owner: W, effect: Effect, at: datetime) -> W:
    """The effect stays, due again after a pause that grows with its attempts."""
    pause = _BACKOFF_S[min(effect.attempts, len(_BACKOFF_S) - 1)]
    later = effect.retried(at + timedelta(seconds=pause))
    return replace(owner, effects=tuple(later if e.id == effect.id else e for e in owner.effects))
