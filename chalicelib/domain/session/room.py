"""How much more may a charger tell of before its session's cost can come near the hold?

Reports within it need not be looked at: nothing that they say can change anything. It is passed on
from report to report as a short text, on the path of every PATCH.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.codec import instant_text
from chalicelib.domain.tariff.usage import ChargingPeriod

SPAN = timedelta(days=1)  # that ends with `until`: when what is told of may have been
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Room:
    """`kwh`: the highest reading. `left_kwh` and `left_h`: what periods may add to those so far."""

    kwh: Decimal
    left_kwh: Decimal
    left_h: Decimal
    until: datetime

    @staticmethod
    def of(text: str) -> "Room":
        kwh, left_kwh, left_h, until = text.split()
        return Room(Decimal(kwh), Decimal(left_kwh), Decimal(left_h), datetime.fromisoformat(until))

    def __str__(self) -> str:
        return f"{self.kwh:f} {self.left_kwh:f} {self.left_h:f} {instant_text(self.until)}"

    def after(self, at: datetime, kwh: Decimal, periods: Sequence[ChargingPeriod]) -> "Room | None":
        """What is left after a report; None when it says more than there was room for.

        A period that is told again counts again: that makes the room smaller, never larger.
        """
        left_kwh, left_h, until = self.left_kwh, self.left_h, self.until
        for period in periods:
            energy, charged = period.energy_kwh or _ZERO, period.time_h or _ZERO
            parked = period.parking_time_h or _ZERO
            if period.reservation_time_h or energy < 0 or charged < 0 or parked < 0:
                return None
            if not until - SPAN <= period.start <= until:
                return None
            left_kwh, left_h = left_kwh - energy, left_h - charged - parked
        if at > until or not 0 <= kwh <= self.kwh or left_kwh < 0 or left_h < 0:
            return None
        return Room(self.kwh, left_kwh, left_h, until)
