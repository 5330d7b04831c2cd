"""Which connectors of a location fit what is wanted, and how long does this car charge there?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.record import UNSEEN, Record

_HOUR_S = 3600
_DIRECT = "DC"


@dataclass(frozen=True, slots=True)
class Plug:
    """Connectors of one kind, and the EVSEs that have one."""

    standard: str
    power_type: str
    power_w: int
    tariff_ids: tuple[str, ...]
    evse_uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Car:
    """What it is to take, and how much power it can take (0: whatever there is)."""

    energy_kwh: Decimal
    ac_power_w: int = 0
    dc_power_w: int = 0

    def duration_s(self, plug: Plug) -> int:
        """Whole seconds at even power; 0: the plug says no power."""
        takes_w = self.dc_power_w if plug.power_type == _DIRECT else self.ac_power_w
        power_w = min(plug.power_w, takes_w) if takes_w else plug.power_w
        return int(self.energy_kwh * 1000 * _HOUR_S / power_w) + 1 if power_w else 0


@dataclass(frozen=True, slots=True)
class MapRow:
    """What the map says of a location without reading it.

    `pk` is where the location lies; `owner` (country code, party id) publishes its tariffs.
    """

    id: str
    pk: str
    point: Point
    peer_id: PeerId
    cpo_id: PartyId
    owner: tuple[str, str]
    country: str
    zone: str
    plugs: tuple[Plug, ...]
    seen: Mapping[str, Record] = field(default_factory=dict)

    def reliability(self, plugs: tuple[Plug, ...]) -> int:
        """Of the EVSEs that have one of the plugs, in thousandths: their mean."""
        uids = {uid for plug in plugs for uid in plug.evse_uids}
        told = [self.seen.get(uid, UNSEEN).per_mille() for uid in uids]
        return sum(told) // len(told) if told else 0
