"""How do staff let an eMSP in, and what do they see of it?"""

import argparse
import json
from typing import Any

import pytest

from sandbox.commands import admin
from sandbox.memory.world import PEER, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.emsp_scene import EMSP_CREDENTIALS, PARTNER


def test_staff_invite_an_emsp_and_see_that_it_came(
    world: World, cpo: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    admin.register(parser.add_subparsers())

    def type_(line: str) -> Any:
        arguments = parser.parse_args(["admin", *line.split()])
        assert admin.run(arguments, world.ports) == 0
        return json.loads(capsys.readouterr().out)

    invited = type_(f"connection invite-emsp {PARTNER} NL*APP")
    assert invited["versions_url"] == "https://channel.example/ocpi/versions"
    assert [one["peer"] for one in type_("peer list")] == [PEER]
    emsp = Peer(cpo.client, invited["token"], cpo.connection)
    assert emsp.send("POST", "/ocpi/2.2.1/credentials", EMSP_CREDENTIALS).status == 1000
    listed = type_("peer list")
    assert [one["peer"] for one in listed] == [PEER, invited["id"]]
    told = {"partner": PARTNER, "emsps": ["NL*APP"], "version": "2.2.1", "state": "registered"}
    assert told.items() <= listed[1].items()
    assert type_(f"peer show {invited['id']}") == listed[1]
