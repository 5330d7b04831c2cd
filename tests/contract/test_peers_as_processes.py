"""Are peers started as processes of their own, awaited, restarted and ended?"""

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.peers.processes import PeerDidNotStart, Processes, Running
from tests.contract.recording_emsp import CONFIG

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def ask(peer: Running, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=20)
    connection.request(method, path, json.dumps(body) if body is not None else None)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_a_killed_cpo_remembers_and_nothing_stays_behind(tmp_path: Path) -> None:
    config, state = tmp_path / "cpo.json", tmp_path / "state.jsonl"
    config.write_text(json.dumps(CONFIG))
    arguments = ("--config", str(config), "--state", str(state))
    with Processes(tmp_path) as processes:
        peer = processes.start_module("cpo", "sandbox.peers.cpo", arguments)
        ask(peer, "POST", "/sim/tick", {"now": "2026-11-20T10:00:00Z"})
        peer = processes.restart(peer, kill=True)
        assert ask(peer, "GET", "/sim/state")["now"] == "2026-11-20T10:00:00Z"
    assert peer.process.returncode is not None


def test_an_emsp_is_a_process_too(tmp_path: Path) -> None:
    config = tmp_path / "emsp.json"
    told = {"country_code": "NL", "party_id": "APP", "name": "App", "now": "2026-11-20T07:00:00Z"}
    config.write_text(json.dumps(told))
    with Processes(tmp_path) as processes:
        peer = processes.start_module("emsp", "sandbox.peers.emsp", ("--config", str(config)))
        assert ask(peer, "POST", "/sim/tick", {"now": "2026-11-20T08:00:00Z"})
        assert ask(peer, "GET", "/sim/state")["now"] == "2026-11-20T08:00:00Z"


def test_a_peer_that_cannot_start_says_why(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes, pytest.raises(PeerDidNotStart, match="--config"):
        processes.start_module("cpo", "sandbox.peers.cpo")
