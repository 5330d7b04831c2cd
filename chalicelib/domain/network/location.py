"""Where can one charge? Locations, EVSEs and connectors of the connected CPOs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.opening import OpeningTimes


class EvseStatus(StrEnum):
    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUTOFORDER = "OUTOFORDER"
    PLANNED = "PLANNED"
    REMOVED = "REMOVED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Connector:
    id: str
    standard: str  # an open enum: IEC_62196_T2_COMBO, CHADEMO …
    power_type: str
    max_power_w: int
    tariff_ids: tuple[str, ...] = ()
    format: str = ""  # SOCKET or CABLE


@dataclass(frozen=True, slots=True)
class Evse:
    """`parking_restrictions` and `vehicle_types` (2.3.0, of its parking places) are open enums."""

    uid: str
    evse_id: str
    status: EvseStatus
    connectors: tuple[Connector, ...]
    last_updated: datetime
    capabilities: tuple[str, ...] = ()
    parking_restrictions: tuple[str, ...] = ()
    vehicle_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """`country` is ISO 3166-1 alpha-2 (OCPI sends alpha-3). Coordinates in WGS 84 degrees.

    Unless `publish`, it may be charged at but not be shown to anybody.
    """

    peer_id: PeerId
    cpo_id: PartyId
    country_code: str
    party_id: str
    id: str
    name: str
    address: str
    city: str
    country: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str
    evses: tuple[Evse, ...]
    last_updated: datetime
    publish: bool = True
    postal_code: str = ""
    opening_times: OpeningTimes | None = None
