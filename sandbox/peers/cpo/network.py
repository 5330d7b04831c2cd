"""What does the simulated CPO offer? Its locations and tariffs, from the configuration.

The configuration is short; missing members are filled in with what a usual charger has. A location
or tariff that carries `"raw": true` is published just as it stands, however bad it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.peers.cpo.tariff import refuse_what_cannot_be_priced

Json = dict[str, Any]
Statuses = dict[tuple[str, str], tuple[str, str]]  # (location, EVSE) → (status, since when)

_DC_FROM_KW = 50


@dataclass(slots=True)
class Network:
    """Published objects by id; `statuses` that staff set, by location and EVSE."""

    country_code: str
    party_id: str
    name: str
    locations: dict[str, Json] = field(default_factory=dict)
    tariffs: dict[str, Json] = field(default_factory=dict)
    statuses: Statuses = field(default_factory=dict)
    unfit: dict[str, list[Json]] = field(default_factory=dict)

    @property
    def party(self) -> Json:
        return {"country_code": self.country_code, "party_id": self.party_id}

    def publish(self, short: Mapping[str, Any], now: str) -> Json:
        """Publish a tariff, or the next version of one; ValueError if it cannot be priced."""
        tariff = {**self.party, **short}
        tariff["last_updated"] = short.get("last_updated", now)
        refuse_what_cannot_be_priced(tariff)
        self.tariffs[tariff["id"]] = tariff
        return tariff

    def connector(self, location_id: str, evse_uid: str, connector_id: str) -> Json | None:
        evses = self.locations.get(location_id, {}).get("evses", [])
        evse = next((evse for evse in evses if evse["uid"] == evse_uid), None)
        connectors = evse["connectors"] if evse else []
        return next((c for c in connectors if connector_id in {"", c["id"]}), None)

    def place(self, location_id: str, evse_uid: str, connector: Mapping[str, Any]) -> Json:
        """The CdrLocation of a connector, with the party that owns it."""
        location = self.locations[location_id]
        evse = next(evse for evse in location["evses"] if evse["uid"] == evse_uid)
        names = ("id", "name", "address", "city", "postal_code", "country", "coordinates")
        return {
            **self.party,
            **{name: location[name] for name in names if name in location},
            "evse_uid": evse_uid,
            "evse_id": evse["evse_id"],
            "connector_id": connector["id"],
            "connector_standard": connector["standard"],
            "connector_format": connector["format"],
            "connector_power_type": connector["power_type"],
        }

    def as_of_now(self, statuses: Statuses) -> list[Json]:
        """The locations with their EVSEs' statuses: what is known of cars, then what staff set."""
        present = {**statuses, **self.statuses}
        found = [_with_statuses(location, present) for location in self.locations.values()]
        return [*found, *self.unfit["locations"]]


def _with_statuses(location: Json, present: Statuses) -> Json:
    if not any(location_id == location["id"] for location_id, _ in present):
        return location
    evses = []
    for evse in location["evses"]:
        known = (evse["status"], evse["last_updated"])
        status, at = present.get((location["id"], evse["uid"]), known)
        evses.append({**evse, "status": status, "last_updated": at})
    newest = max([location["last_updated"], *(evse["last_updated"] for evse in evses)])
    return {**location, "evses": evses, "last_updated": newest}


def build(config: Mapping[str, Any], now: str) -> Network:
    """The network of a configuration; ValueError when a tariff cannot be priced."""
    network = Network(config["country_code"], config["party_id"], config["name"])
    network.unfit = {
        kind: [_without_mark(item) for item in config[kind] if item.get("raw")]
        for kind in ("locations", "tariffs")
    }
    for tariff in config["tariffs"]:
        if not tariff.get("raw"):
            network.publish({"last_updated": now, **tariff}, now)
    for short in config["locations"]:
        if not short.get("raw"):
            network.locations[short["id"]] = _location(network, config, short, now)
    return network


def _without_mark(item: Mapping[str, Any]) -> Json:
    return {name: value for name, value in item.items() if name != "raw"}


def _location(
    network: Network, config: Mapping[str, Any], short: Mapping[str, Any], now: str
) -> Json:
    defaults = {
        **network.party,
        "publish": True,
        "name": f"{network.name} {short['city']}",
        "country": config["country"],
        "time_zone": config["time_zone"],
        "operator": {"name": network.name},
        "opening_times": {"twentyfourseven": True},
        "last_updated": now,
    }
    evses = [_evse(network, short, number, evse, now) for number, evse in enumerate(short["evses"])]
    return {**defaults, **short, "evses": evses}


def _evse(
    network: Network, location: Mapping[str, Any], number: int, short: Mapping[str, Any], now: str
) -> Json:
    """`{"power_kw", "tariff_id"}` is enough; more members replace what is made up."""
    own = {n: v for n, v in short.items() if n not in {"power_kw", "standard", "tariff_id"}}
    name = f"{network.country_code}*{network.party_id}*E{location['id']}*{number + 1}"
    return {
        "uid": f"{location['id']}-{number + 1}",
        "evse_id": name,
        "status": "AVAILABLE",
        "capabilities": ["REMOTE_START_STOP_CAPABLE", "START_SESSION_CONNECTOR_REQUIRED"],
        "connectors": [_connector(short, now)] if "power_kw" in short else [],
        "last_updated": now,
        **own,
    }


def _connector(short: Mapping[str, Any], now: str) -> Json:
    power_kw = short["power_kw"]
    direct = power_kw >= _DC_FROM_KW
    voltage = 400 if direct else 230
    power_w = int(power_kw * 1000)
    return {
        "id": "1",
        "standard": short.get("standard", "IEC_62196_T2_COMBO" if direct else "IEC_62196_T2"),
        "format": "CABLE" if direct else "SOCKET",
        "power_type": "DC" if direct else "AC_3_PHASE",
        "max_voltage": voltage,
        "max_amperage": -(-power_w // (voltage if direct else voltage * 3)),
        "max_electric_power": power_w,
        "tariff_ids": [short["tariff_id"]],
        "last_updated": now,
    }
