"""How are our ids and secrets made? UUIDv7 (RFC 9562) by the clock, and the system's random."""

import secrets
import uuid

from chalicelib.ports.clock import Clock

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


class TimeOrderedIds:
    """Ids sort by the clock's milliseconds; within one millisecond their order is random."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        now = self._clock.now()
        # From integers, not from timestamp(): a float has no exact milliseconds.
        since_epoch_ms = int(now.timestamp()) * 1000 + now.microsecond // 1000
        number = since_epoch_ms << 80 | _VERSION_7 | secrets.randbits(12) << 64
        number |= _VARIANT | secrets.randbits(62)
        return f"{prefix}_{uuid.UUID(int=number).hex}"

    def secret(self) -> str:
        return secrets.token_urlsafe(32)
