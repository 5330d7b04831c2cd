"""Is a page of a long list read in few requests? Else a market of thousands outlasts it."""

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.domain.codec import instant_text
from chalicelib.ports.store import Item, Key
from chalicelib.usecases.tariff.read import forget
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import BASE, SINCE, start
from tests.integration.ocpi.hub.emsp_scene import TARIFF


class Reads(MemoryStore):
    """How often is the table asked? What it does within an answer does not count."""

    asked = 0

    def get(self, key: Key) -> Item | None:
        self.asked += 1
        return super().get(key)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        before = self.asked
        found = super().get_many(keys)
        self.asked = before + 1
        return found

    def query(self, *args: Any, **named: Any) -> list[Item]:
        before = self.asked
        found = super().query(*args, **named)
        self.asked = before + 1
        return found


def test_a_page_of_tariffs_reads_them_by_the_hundred(
    world: World, emsp: Peer, cpo: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        price = [{"type": "ENERGY", "price": number, "step_size": 1}]
        told = {**TARIFF, "id": f"M{number}", "elements": [{"price_components": price}]}
        assert cpo.send("PUT", f"/ocpi/2.2.1/tariffs/DE/RHE/M{number}", told).status == 1000
    reads = Reads()
    vars(reads).update(vars(world.ports.store))
    monkeypatch.setattr(world.ports, "store", reads)
    forget()
    answer = emsp.send("GET", f"{BASE}/tariffs?limit=5&offset=140")
    assert (len(answer.data), answer.headers["X-Total-Count"]) == (5, "151")
    assert reads.asked <= 12


def test_a_page_of_sessions_reads_no_other_sessions(
    world: World, emsp: Peer, cpo: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    charges = []
    for number in range(4):
        charges.append(start(world, cpo, emsp, authorization_reference=f"app-{number}"))
        charges[-1].put("ACTIVE", 1, 1, id_=f"S-{number}")
    started = [charge.session.id for charge in charges]
    before_the_last_word = instant_text(world.ports.clock.now())
    charges[-1].put("COMPLETED", 2, 1, id_="S-3")
    start(world, cpo, emsp, authorization_reference="app-4")  # it has not begun to charge
    reads = list[str]()
    get_many = world.ports.store.get_many

    def noted(keys: Sequence[Key]) -> dict[Key, Item]:
        reads.extend(key.pk for key in keys)
        return get_many(keys)

    monkeypatch.setattr(world.ports.store, "get_many", noted)
    answer = emsp.send("GET", f"{BASE}/sessions?{SINCE}&limit=2&offset=1")
    assert [one["id"] for one in answer.data] == started[1:3]
    assert answer.headers["X-Total-Count"] == "4"
    assert [pk for pk in reads if pk.startswith("session#")] == [
        f"session#{id_}" for id_ in started[1:3]
    ]
    until = emsp.send("GET", f"{BASE}/sessions?{SINCE}&date_to={before_the_last_word}")
    assert [one["id"] for one in until.data] == started[:3]
