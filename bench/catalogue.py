"""What is a large catalogue like? 100,000 EVSEs as a table would hold them, and what reads cost."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from bench.counting import item_bytes
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, TariffElement
from chalicelib.ports.store import Item, Key, Put, Range
from chalicelib.usecases import keys
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import create
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import CPO, PARTNERS, World

AT = datetime(2026, 11, 16, tzinfo=UTC)
PARTNER = PARTNERS[PaymentMethod.CARD]
CPOS = [PartyId(f"cpo_{number}") for number in range(10)]
TARIFFS = 8  # of each CPO
EVSES, PER_LOCATION, OF_A_HUB = 100_000, 4, 60
KINDS = (
    ("IEC_62196_T2", "AC_3_PHASE", 22_000),
    ("IEC_62196_T2_COMBO", "DC", 150_000),
    ("IEC_62196_T2_COMBO", "DC", 300_000),
    ("CHADEMO", "DC", 50_000),
)
CITIES = [(52.52, 13.40), (48.14, 11.58), (53.55, 9.99), (50.11, 8.68), (50.94, 6.96)]
OF_EACH = {
    "publish": True,
    "operator": {"name": "Alfa Charging", "website": "https://alfa.example"},
    "charging_when_closed": False,
    "energy_mix": {"is_green_energy": True, "supplier_name": "Alfa Energy"},
}
PICTURE = {"category": "LOCATION", "type": "jpeg", "width": 1024, "height": 768}
WEEK = range(1, 8)
_UNIT_BYTES, _ANSWER_BYTES = 4096, 1_000_000  # a query's answer ends at a MB
_KEYS, _CONNECTIONS = 100, 16
_WORDS = [
    "the",
    "entrance",
    "lies",
    "left",
    "right",
    "behind",
    "next",
    "to",
    "of",
    "a",
    "car",
    "park",
    "level",
    "station",
    "market",
]


class CountedStore(MemoryStore):
    """How many requests and strongly consistent read units would DynamoDB count?

    `in_series`: how many requests one waits for one after the other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counting = False
        self.requests = self.in_series = self.units = 0

    def begin(self) -> None:
        self.counting, self.requests, self.in_series, self.units = True, 0, 0, 0

    def get(self, key: Key) -> Item | None:
        found = super().get(key)
        if self.counting:
            self._count([1], [1 if found is None else _bytes(found)])
        return found

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = {key: item for key in keys if (item := super(CountedStore, self).get(key))}
        if self.counting and keys:
            sizes = [_bytes(found[key]) if key in found else 1 for key in keys]
            self._count([1] * -(-len(keys) // _KEYS), sizes)
        return found

    def query(self, pk: str, **named: Any) -> list[Item]:  # noqa: ANN401 - see ports.store
        return self._listed(lambda: [super(CountedStore, self).query(pk, **named)])[0]

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        return self._listed(lambda: super(CountedStore, self).query_each(ranges, limit=limit))

    def _listed(self, read: Callable[[], list[list[Item]]]) -> list[list[Item]]:
        counting, self.counting = self.counting, False
        answers = read()
        self.counting = counting
        if counting and answers:
            sizes = [max(1, sum(map(_bytes, found))) for found in answers]
            self._count([-(-size // _ANSWER_BYTES) for size in sizes], sizes)
        return answers

    def _count(self, requests: list[int], sizes: Iterable[int]) -> None:
        """Requests side by side, as many as there are connections; nothing costs a unit, too."""
        self.requests += sum(requests)
        self.in_series += max(max(requests, default=0), -(-sum(requests) // _CONNECTIONS))
        self.units += sum(-(-size // _UNIT_BYTES) for size in sizes)


def _bytes(item: Item) -> int:
    """As it is stored: a long body deflated."""
    return item_bytes(Put(item.key, item.body), item.version)


def build() -> MemoryPorts:
    """A third of the locations stand in and around five cities, the others anywhere in Germany."""
    world, chance = World(MemoryPorts(store=CountedStore())), Random(20261122)
    ports = world.ports
    for cpo_id in CPOS:
        known = party(ports, CPO)
        ports.store.write(create(keys.party(cpo_id), replace(known, id=cpo_id)))
        for number in range(TARIFFS):
            price = Decimal(40 + chance.randrange(50)) / 100
            component = PriceComponent(Dimension.ENERGY, price, 1, Decimal(19))
            elements = (TariffElement((component,)),)
            tariff = replace(world.tariff, party_id="ALF", id=f"T{number}", elements=elements)
            accept_tariff(ports, _connection(cpo_id), tariff, "{}")
    number = evses = 0
    while evses < EVSES:
        location = _location(number, chance)
        accept_location(ports, _connection(location.cpo_id), location, _raw(location, chance))
        evses += len(location.evses)
        number += 1
    return ports


def _connection(cpo_id: PartyId) -> Connection:
    peer_id = PeerId(f"peer_{cpo_id}")
    return Connection(peer_id, ConnectionState.REGISTERED, cpo_id, {"DE*ALF": cpo_id})


def _location(number: int, chance: Random) -> Location:
    if number % 3:
        place = chance.uniform(47.5, 54.8), chance.uniform(6.2, 14.8)
    else:
        city = CITIES[number % len(CITIES)]
        place = city[0] + chance.gauss(0, 0.06), city[1] + chance.gauss(0, 0.1)
    cpo_id = CPOS[number % len(CPOS)]
    standard, power_type, power_w = KINDS[chance.randrange(len(KINDS))]
    tariffs = (f"T{chance.randrange(TARIFFS)}",)
    connector = Connector("1", standard, power_type, power_w, tariffs, "CABLE")
    name = f"{chance.getrandbits(48):012x}"
    count = OF_A_HUB if number % 97 == 0 else PER_LOCATION
    return Location(
        peer_id=_connection(cpo_id).id,
        cpo_id=cpo_id,
        country_code="DE",
        party_id="ALF",
        id=f"L{name}",
        name=f"Location {name}",
        address=f"Street {chance.randrange(200)}",
        city="City",
        country="DE",
        latitude=round(Decimal(place[0]), 6),
        longitude=round(Decimal(place[1]), 6),
        time_zone="Europe/Berlin",
        evses=tuple(
            Evse(
                f"{chance.getrandbits(64):016x}",
                f"DE*ALF*E{number}*{one}",
                EvseStatus.AVAILABLE,
                (connector,),
                AT,
                ("REMOTE_START_STOP_CAPABLE", "RFID_READER", "UNLOCK_CAPABLE"),
            )
            for one in range(count)
        ),
        last_updated=AT,
        postal_code=f"{chance.randrange(10**5):05}",
    )


def _raw(location: Location, chance: Random) -> str:
    """As CPOs tell it: 5 KB, of a hub 40 KB, with texts, pictures and hours that are their own."""
    closes = f"2{chance.randrange(4)}:00"
    told = {
        **OF_EACH,
        "country_code": location.country_code,
        "party_id": location.party_id,
        "id": location.id,
        "name": location.name,
        "address": location.address,
        "city": location.city,
        "postal_code": location.postal_code,
        "country": "DEU",
        "coordinates": {
            "latitude": str(location.latitude),
            "longitude": str(location.longitude),
        },
        "evses": [_raw_evse(location, evse, chance) for evse in location.evses],
        "directions": [
            {"language": code, "text": " ".join(chance.choices(_WORDS, k=30))}
            for code in ("de", "en", "fr")
        ],
        "facilities": chance.sample(["CAFE", "HOTEL", "PARKING_LOT", "SUPERMARKET"], 2),
        "time_zone": location.time_zone,
        "opening_times": {
            "twentyfourseven": False,
            "regular_hours": [
                {"weekday": day, "period_begin": "06:00", "period_end": closes} for day in WEEK
            ],
        },
        "images": [
            {"url": _picture(chance), "thumbnail": _picture(chance), **PICTURE} for _ in range(2)
        ],
        "last_updated": _date(chance),
    }
    return json.dumps(told)


def _raw_evse(location: Location, evse: Evse, chance: Random) -> dict[str, Any]:
    (connector,) = evse.connectors
    return {
        "uid": evse.uid,
        "evse_id": evse.evse_id,
        "status": evse.status,
        "capabilities": list(evse.capabilities),
        "connectors": [
            {
                "id": connector.id,
                "standard": connector.standard,
                "format": connector.format,
                "power_type": connector.power_type,
                "max_voltage": 920,
                "max_amperage": 500,
                "max_electric_power": connector.max_power_w,
                "tariff_ids": list(connector.tariff_ids),
                "terms_and_conditions": "https://alfa.example/terms",
                "last_updated": _date(chance),
            }
        ],
        "physical_reference": str(chance.randrange(100)),
        "coordinates": {
            "latitude": f"{location.latitude + chance.randrange(1000):.6f}",
            "longitude": f"{location.longitude + chance.randrange(1000):.6f}",
        },
        "last_updated": _date(chance),
    }


def _picture(chance: Random) -> str:
    return f"https://pictures.alfa.example/{chance.getrandbits(128):032x}.jpg"


def _date(chance: Random) -> str:
    at = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
    return f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 28):02}T{at}Z"
