"""What did a charger report? Sessions and CDRs as exact values, version-neutral.

Source: OCPI 2.2.1 mod_sessions 9.3.1, mod_cdrs 10.3.1 and 10.4.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.money import Currency
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Cost, Costs, Part

__all__ = ["ChargerStatus", "ChargingPeriod", "Cost", "ReceivedCdr", "ReportedSession"]


class ChargerStatus(StrEnum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    INVALID = "INVALID"
    PENDING = "PENDING"
    RESERVATION = "RESERVATION"


@dataclass(frozen=True, slots=True)
class ReportedSession:
    """The OCPI Session as the CPO last told it (PUT and PATCHes folded)."""

    country_code: str
    party_id: str
    id: str
    start: datetime
    status: ChargerStatus
    last_updated: datetime
    currency: Currency
    kwh: Decimal = Decimal(0)
    end: datetime | None = None
    token_uid: str = ""
    authorization_reference: str = ""
    location_id: str = ""
    evse_uid: str = ""
    connector_id: str = ""
    periods: tuple[ChargingPeriod, ...] = ()
    total_cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class ReceivedCdr:
    """The OCPI CDR. `raw_hash` is the SHA-256 of the bytes as received, kept with them.

    A part of the cost is None where the CPO does not state it; 2.1.1 knows the total only.
    """

    country_code: str
    party_id: str
    id: str
    start: datetime
    end: datetime
    currency: Currency
    total_cost: Cost
    total_energy_kwh: Decimal
    total_time_h: Decimal
    periods: tuple[ChargingPeriod, ...]
    last_updated: datetime
    total_parking_time_h: Decimal = Decimal(0)
    session_id: str = ""
    authorization_reference: str = ""
    token_uid: str = ""
    location_id: str = ""
    evse_uid: str = ""
    connector_id: str = ""
    tariffs: tuple[Tariff, ...] = ()
    credit: bool = False
    credit_reference_id: str = ""
    raw_hash: str = ""
    total_fixed_cost: Cost | None = None
    total_energy_cost: Cost | None = None
    total_time_cost: Cost | None = None
    total_parking_cost: Cost | None = None
    total_reservation_cost: Cost | None = None

    @property
    def costs(self) -> Costs:
        """What is claimed, by part; only the total is always told."""
        told = {
            Part.FIXED: self.total_fixed_cost,
            Part.ENERGY: self.total_energy_cost,
            Part.TIME: self.total_time_cost,
            Part.PARKING: self.total_parking_cost,
            Part.RESERVATION: self.total_reservation_cost,
        }
        stated = {part: cost for part, cost in told.items() if cost is not None}
        return {Part.TOTAL: self.total_cost, **stated}
