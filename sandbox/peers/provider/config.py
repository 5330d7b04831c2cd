"""What kind of account does the channel have at the provider? Read once, at start."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

EVERYTHING = (
    "payment_intent.*",
    "payout.*",
    "charge.dispute.*",
    "refund.failed",
    "setup_intent.*",
)  # that the channel has a use for


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go. `events` is a list of types, or of prefixes that end with `*`."""

    url: str
    secret: str
    events: tuple[str, ...] = EVERYTHING

    def wants(self, type_: str) -> bool:
        return any(
            type_.startswith(name[:-1]) if name.endswith("*") else type_ == name
            for name in self.events
        )


@dataclass(frozen=True, slots=True)
class Config:
    """Defaults are those of an ordinary European account in Stripe's documentation.

    `delay_days`: how long a charge's money stays pending. `banking_days`: "mon-fri", or "all" for
    rails that work on weekends. `incremental`: whether a hold can be raised at all (IC+ pricing).
    `search_lag_s`: how far the search index lags behind (the clock's seconds).
    """

    api_key: str = "sk_test_plugrail"
    delay_days: int = 3
    payout_days: int = 1
    banking_days: str = "mon-fri"
    hold_days: int = 7
    incremental: bool = True
    search_lag_s: int = 60
    fee_basis_points: int = 150
    fee_fixed: dict[str, int] = field(
        default_factory=lambda: {"eur": 25, "gbp": 20, "chf": 30, "": 25}
    )

    @classmethod
    def read(cls, path: Path | None) -> Self:
        """The defaults, with what a JSON file says otherwise; an unknown name is refused."""
        said: dict[str, Any] = json.loads(path.read_text()) if path else {}
        unknown = set(said) - {field.name for field in fields(cls)}
        if unknown:
            raise SystemExit(f"{path}: unknown settings {', '.join(sorted(unknown))}")
        return cls(**said)

    def fee(self, amount: int, currency: str) -> int:
        """Half up on the percentage, and the fixed part."""
        percent = (amount * self.fee_basis_points + 5_000) // 10_000
        return percent + self.fee_fixed.get(currency, self.fee_fixed[""])
