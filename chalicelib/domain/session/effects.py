"""Which effects does a session wait for? Adding, settling and dating them."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.session.session import Session

KEY_LIFE = timedelta(hours=23)  # Stripe forgets idempotency keys after 24 hours
_BACKOFF_S = (30, 60, 300, 900, 3600)


def added(
    session: Session,
    kind: EffectKind,
    at: datetime,
    *,
    after: timedelta = timedelta(0),
    **detail: str,
) -> Session:
    """The session with one more effect; its id counts, so that a key is never reused."""
    return _added(session, kind, (at, at + after), detail)


def _added(
    session: Session, kind: EffectKind, times: tuple[datetime, datetime], detail: dict[str, str]
) -> Session:
    number = int(session.detail.get("effects", 0)) + 1
    made_at, due_at = times
    effect = Effect(f"{kind.value}-{number}", kind, due_at, made_at, detail=detail)
    return replace(
        session,
        effects=(*session.effects, effect),
        detail={**session.detail, "effects": number},
    )


def without(session: Session, *kinds: EffectKind) -> Session:
    return replace(session, effects=tuple(e for e in session.effects if e.kind not in kinds))


def settled(session: Session, effect: Effect) -> Session:
    return replace(session, effects=tuple(e for e in session.effects if e.id != effect.id))


def postponed(session: Session, effect: Effect, at: datetime) -> Session:
    """The effect stays, due again after a pause that grows with its attempts."""
    pause = _BACKOFF_S[min(effect.attempts, len(_BACKOFF_S) - 1)]
    later = effect.retried(at + timedelta(seconds=pause))
    kept = tuple(later if e.id == effect.id else e for e in session.effects)
    return replace(session, effects=kept)


def has(session: Session, kind: EffectKind) -> bool:
    return any(effect.kind is kind for effect in session.effects)


def due(session: Session, at: datetime) -> tuple[Effect, ...]:
    return tuple([effect for effect in session.effects if effect.due <= at])


def told(session: Session, at: datetime, type_: str, **data: str) -> Session:
    """The session with an event for its partner, numbered in the order it happened."""
    number = session.told + 1
    detail = {"type": type_, "sequence": str(number), **data}
    return _added(replace(session, told=number), EffectKind.TELL_PARTNER, (at, at), detail)
