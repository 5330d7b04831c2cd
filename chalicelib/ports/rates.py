"""At what rate is a currency worth? The ECB's euro reference rates."""

from typing import Protocol

from chalicelib.domain.errors import NotYet
from chalicelib.domain.fx.rates import DailyRates


class RatesUnavailable(NotYet):
    """The feed did not answer, or not with rates: those that we have stay in force."""

    code = "fx_feed_unavailable"


class RateFeed(Protocol):
    def latest(self) -> list[DailyRates]:
        """The published days of the feed, oldest first. Raises RatesUnavailable."""


__all__ = ["DailyRates", "RateFeed", "RatesUnavailable"]
