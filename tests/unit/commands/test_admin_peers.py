"""How do staff change tokens with a peer, and end its connection?"""

from typing import Any

import pytest

from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.connection.register import register
from sandbox.memory.world import CPO
from tests.unit.commands.test_admin import Desk


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def connected(desk: Desk) -> Any:
    desk.ports.cpos.versions = ("2.1.1", "2.3.0")
    desk.ports.cpos.identities = ["DE*NRD"]
    url = "https://north.example/ocpi/versions"
    return register(desk.ports, CPO, {"DE*NRD": CPO}, url, "token-a")


def test_tokens_are_changed_and_the_version_with_them(desk: Desk) -> None:
    before = connected(desk)
    assert before.version == "2.1.1"
    told = desk.type(f"peer renew {before.id} --ocpi 2.3.0")
    assert told == {"peer": before.id, "version": "2.3.0"}
    after = connection_of(desk.ports, before.id)
    assert after.token_hash != before.token_hash
    assert after.next_token_hash == ""


def test_a_connection_is_ended(desk: Desk) -> None:
    peer = connected(desk)
    assert desk.type(f"peer leave {peer.id}") == {"peer": peer.id, "told": True}
    assert "not_registered" in desk.refused(f"peer leave {peer.id}")
