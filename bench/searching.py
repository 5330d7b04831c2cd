"""How soon is a search answered in a catalogue of 100,000 EVSEs, nothing known from before?

Requests and read units are counted. Time is what is waited for (the requests one after the other)
and what AWS's client and our code take of the part of a processor that the API's function has.
"""

import gc
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from time import process_time
from typing import Any
from unittest import mock

from bench.answering import AnsweredTable
from bench.catalogue import PARTNER, CountedStore, build
from bench.cost import CORE_MB, memory_mb
from bench.patching import AWS
from chalicelib.domain.network.area import Circle, Corridor
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.plug import Car
from chalicelib.domain.network.rank import Order
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.tariff import read
from sandbox.memory.ports import MemoryPorts

EXPECTED_MAX_S = 1.0
_REQUEST_MS = 8  # of DynamoDB, that one waits for
_TRIES = 7
BERLIN = Point.at(Decimal("52.52"), Decimal("13.40"))
HARZ = Point.at(Decimal("51.8"), Decimal("10.6"))
TO_MUNICH = (
    BERLIN,
    Point(51_340_000, 12_370_000),
    Point(49_450_000, 11_080_000),
    Point(48_140_000, 11_580_000),
)
CAR = Car(Decimal(30))
_CITY, _ROUTE = Circle(BERLIN, 5_000), Corridor(TO_MUNICH, 5_000)
SEARCHES = {
    "2 km in a city": Wanted(Circle(BERLIN, 2_000)),
    "5 km in a city, 100 kW, free now": Wanted(_CITY, available=True, min_power_w=100_000),
    "5 km in a city, accessible: none is": Wanted(_CITY, accessible=True),
    "50 km in a city, best first": Wanted(Circle(BERLIN, 50_000), order=Order.BEST),
    "50 km in the country": Wanted(Circle(HARZ, 50_000)),
    "Berlin to Munich, 5 km to each side": Wanted(_ROUTE),
    "5 km in a city, cheapest for this car": Wanted(_CITY, car=CAR, order=Order.PRICE),
    "50 km in a city, best for this car": Wanted(Circle(BERLIN, 50_000), car=CAR, order=Order.BEST),
    "Berlin to Munich, cheapest for this car": Wanted(_ROUTE, car=CAR, order=Order.PRICE),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """`in_series`: requests that are waited for one after the other."""

    requests: int
    in_series: int
    units: int


@dataclass(frozen=True, slots=True)
class Searched:
    counted: Counted
    work_ms: float  # of a whole processor

    @property
    def expected_s(self) -> float:
        waited_ms = self.counted.in_series * _REQUEST_MS
        return (waited_ms + self.work_ms * CORE_MB / memory_mb("api_handler")) / 1000


def count(ports: MemoryPorts, wanted: Wanted) -> Counted:
    """What a process reads that knows neither a CPO's terms nor a tariff."""
    store = ports.store
    assert isinstance(store, CountedStore)
    cold(ports)
    store.begin()
    search(ports, PARTNER, wanted)
    store.counting = False
    return Counted(store.requests, store.in_series, store.units)


def cold(ports: MemoryPorts) -> None:
    """As a process that has just begun."""
    ports.clock.at += timedelta(minutes=2)
    read.forget()


def measure() -> dict[str, Searched]:
    """Each search, by its name."""
    ports = build()
    gc.freeze()  # what the table in memory holds is nothing that a function would look through
    with mock.patch.dict(os.environ, AWS):
        table = AnsweredTable(ports.store)
        store: Any = table.store  # a whole bundle in memory but for it
        asked = replace(ports, store=store)
        return {
            name: Searched(count(ports, wanted), _work_ms(asked, wanted))
            for name, wanted in SEARCHES.items()
        }


def _work_ms(ports: MemoryPorts, wanted: Wanted) -> float:
    """The quickest: nothing but other processes makes one slow. The first has its answers made."""
    took = []
    for _ in range(_TRIES + 1):
        cold(ports)
        begun = process_time()
        search(ports, PARTNER, wanted)
        took.append(process_time() - begun)
    return min(took[1:]) * 1000
