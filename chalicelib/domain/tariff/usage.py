"""What was used in a session, and what is claimed for it, as a tariff sees them?

Source: OCPI 2.2.1 mod_cdrs 10.4 (ChargingPeriod, CdrDimension) and types 16.5 (Price).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ChargingPeriod:
    """From `start` until the next period or the session's end. None: the dimension is absent."""

    start: datetime
    energy_kwh: Decimal | None = None
    time_h: Decimal | None = None
    parking_time_h: Decimal | None = None
    reservation_time_h: Decimal | None = None
    min_current_a: Decimal | None = None
    max_current_a: Decimal | None = None
    min_power_kw: Decimal | None = None
    max_power_kw: Decimal | None = None
    tariff_id: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    excl_vat: Decimal
    incl_vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """One session. `expired`: a reservation nobody used; None: infer it and say so (T 24)."""

    start: datetime
    end: datetime
    periods: tuple[ChargingPeriod, ...]
    expired: bool | None = None
