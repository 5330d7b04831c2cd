"""What time is it? Nobody but the clock's adapter reads wall time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant in UTC."""


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """A fresh id `<prefix>_<UUIDv7 hex>`, ordered by time."""

    def secret(self) -> str:
        """256 random bits as URL-safe text."""
