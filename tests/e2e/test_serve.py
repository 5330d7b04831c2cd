"""`make serve`, as somebody uses it who pastes what it prints."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.peers.processes import free_port

ROOT = Path(__file__).parents[2]
_READY, _SPEED, _SECONDS_MAX = "Ctrl-C ends it", "120", 120
pytestmark = [
    pytest.mark.slow,
    pytest.mark.aws,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the lines are for curl"),
]


@dataclass
class Served:
    directory: Path
    port: int
    process: subprocess.Popen[str]
    said: list[str]

    def pasted(self, line: str) -> dict[str, Any]:
        done = subprocess.run(  # noqa: S603 - what is pasted is what our own command printed
            ["bash", "-c", line],  # noqa: S607 - whichever bash the user has
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory, port = tmp_path_factory.mktemp("served"), free_port()
    command = [sys.executable, "-m", "sandbox", "serve", "--port", str(port), "--speed", _SPEED]
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line.rstrip("\n"))
                if _READY in line:
                    break
            yield Served(directory, port, process, said)
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.close()
            process.wait(60)


def test_what_it_prints_works_and_ctrl_c_ends_it(served: Served) -> None:
    search, quote, start, watch = [line for line in served.said if line.startswith("curl ")]
    assert served.pasted(search)["data"][0]["evses"]
    assert served.pasted(quote)["expected"]["minor"] > 0
    session = served.pasted(start)
    deadline = time.monotonic() + _SECONDS_MAX
    while (seen := served.pasted(watch)["data"][0])["state"] != "billed":
        assert time.monotonic() < deadline, seen
        time.sleep(1)
    assert (seen["id"], seen["energy_kwh"]) == (session["id"], "20")

    listed = subprocess.run(
        [sys.executable, "-m", "sandbox", "admin", "party", "list"],
        cwd=served.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert "par_ladefuchs" in {party["id"] for party in json.loads(listed.stdout)}

    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert not (served.directory / "build" / "serve" / "environment.json").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", served.port)) != 0
