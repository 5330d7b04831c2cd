"""What time is it? Nobody but the clock's adapter reads wall time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant in UTC."""

    def wall(self) -> datetime:
        """Wall time, also in the sandbox: only for signatures that a receiver dates by its own."""


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """A fresh id `<prefix>_<UUIDv7 hex>`, ordered by time."""

    def secret(self) -> str:
        """256 random bits as URL-safe text."""
