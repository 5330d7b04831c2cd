"""At what rate is a currency worth? The ECB's euro reference rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DailyRates:
    """Units of each currency for one euro, as published on a day."""

    day: date
    per_euro: dict[str, Decimal]
    source: str  # the URL or file it was read from


class RateFeed(Protocol):
    def latest(self) -> list[DailyRates]:
        """The published days of the feed, oldest first."""
