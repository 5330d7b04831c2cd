"""What was used in a session, and what is claimed for it, as a tariff sees them?

Source: OCPI 2.2.1 mod_cdrs 10.4 (ChargingPeriod, CdrDimension), types 16.5 (Price); 2.3.0 types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


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
class TaxAmount:
    """One tax of a list (OCPI 2.3.0); on what and in which order it is raised is not told."""

    name: str
    account_number: str
    percentage: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What is claimed; `taxes` is empty where a version tells the sum `incl_vat` instead."""

    excl_vat: Decimal
    incl_vat: Decimal | None = None
    taxes: tuple[TaxAmount, ...] = ()


class Part(StrEnum):
    """Of a CDR's cost, by the names of its members."""

    TOTAL = "total_cost"
    FIXED = "total_fixed_cost"
    ENERGY = "total_energy_cost"
    TIME = "total_time_cost"
    PARKING = "total_parking_cost"
    RESERVATION = "total_reservation_cost"


Costs = Mapping[Part, Cost]


@dataclass(frozen=True, slots=True)
class Usage:
    """One session. `expired`: a reservation nobody used; None: infer it and say so (T 24)."""

    start: datetime
    end: datetime
    periods: tuple[ChargingPeriod, ...]
    expired: bool | None = None
