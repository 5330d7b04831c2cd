"""The world over its real handlers: a CPO on one side, a partner's eMSP on the other."""

from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.adapters.ocpi_client.emsp import EmspClient
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import YES, tell
from tests.integration.ocpi.hub.charge_scene import Wire
from tests.integration.ocpi.hub.emsp_scene import TOKEN, connected_cpo, connected_emsp


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    wiring.use(world.ports)
    yield world
    wiring.use(None)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    assert world.ports.public_url
    with Client(app) as client:
        yield client


@pytest.fixture
def cpo(world: World, client: Client) -> Peer:
    return connected_cpo(world, client)


@pytest.fixture
def emsp(world: World, client: Client, cpo: Peer) -> Peer:
    assert cpo.token
    return connected_emsp(world, client)


@pytest.fixture
def wire(world: World, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The real client, in the place of the eMSP in memory, and what it sends."""
    client, wire = EmspClient(world.ports.secrets, allow_private=False), Wire()
    monkeypatch.setattr(client, "_http", wire)
    monkeypatch.setattr(world.ports, "emsps", client)
    return wire


@pytest.fixture
def card(emsp: Peer, wire: Wire) -> dict[str, Any]:
    """The card is told by its eMSP, which says yes from now on."""
    tell(emsp)
    wire.says = YES
    return TOKEN
