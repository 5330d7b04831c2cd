"""Which CPO stands ready? extrawest-ocpi in both versions, registered by us or only invited."""

from collections.abc import Iterator

import pytest

from chalicelib.usecases.connection.invite import Invitation, invite
from chalicelib.usecases.connection.register import register
from sandbox.memory.world import CPO, World
from tests.contract.ocpi_rig import meeting
from tests.interop.extrawest_rig import TOKEN_A, Met
from tests.interop.peer import Peer, extrawest

IDENTITIES = {"DE*EXW": CPO}


@pytest.fixture(scope="session", params=["2.2.1", "2.1.1"])
def version(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="session")
def peer(version: str) -> Iterator[Peer]:
    """One process serves all tests of a version: each begins it anew."""
    with extrawest(version) as started:
        yield started


@pytest.fixture
def met(version: str, peer: Peer) -> Iterator[Met]:
    """We registered with it; it publishes a charger and its tariff."""
    world = World()
    peer.sim("begin", token_a=TOKEN_A)
    with meeting(world.ports) as channel:
        url = f"{peer.url}/ocpi/versions"
        connection = register(world.ports, CPO, IDENTITIES, url, TOKEN_A)
        assert connection.raw_token is (version == "2.1.1")  # which it takes, we find out
        made = Met(version, peer, world, channel, connection)
        made.publish()
        yield made


@pytest.fixture
def invited(version: str, peer: Peer) -> Iterator[tuple[Met, Invitation]]:
    """We invited it; it has done nothing yet."""
    world = World()
    peer.sim("begin")
    with meeting(world.ports) as channel:
        invitation = invite(world.ports, CPO, IDENTITIES)
        made = Met(version, peer, world, channel, invitation.connection)
        made.publish()
        yield made, invitation
