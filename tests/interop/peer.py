"""How does a peer that we did not write run beside us? A process, in its own environment."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / "build" / "interop"
_STARTS_S = 60


def python_of(name: str) -> Path:
    """The interpreter of a peer's environment, which `make interop` builds."""
    found = ENVIRONMENTS / name / "bin" / "python"
    assert found.exists(), f"{found} is missing: run `make interop`"
    return found


@dataclass
class Peer:
    url: str
    client: httpx.Client

    def put(self, module: str, id_: str, value: dict[str, Any]) -> None:
        """Fill the peer's own records."""
        self.client.put(f"{self.url}/sim/{module}/{id_}", json=value).raise_for_status()

    def sim(self, path: str, body: Any = None, **query: str) -> Any:
        """Let it do something of its own accord."""
        url = f"{self.url}/sim/{path}"
        return self.client.post(url, json=body, params=query).raise_for_status().json()

    def state(self) -> Any:
        return self.client.get(f"{self.url}/sim/state").raise_for_status().json()


@contextlib.contextmanager
def extrawest(version: str) -> Iterator[Peer]:
    """The library's CPO, listening."""
    port = _free_port()
    script = Path(__file__).parent / "peers" / "extrawest_cpo.py"
    command = [str(python_of("extrawest")), str(script), "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own script
        [*command, "--version", version],
        stdout=sys.stderr,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        cwd=ENVIRONMENTS,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(timeout=30) as client:
            _wait(client, url, process)
            yield Peer(url, client)
    finally:
        process.kill()  # it keeps nothing, and would wait for chargers that answer no more
        process.wait(timeout=20)


def _wait(client: httpx.Client, url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTS_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the peer ended with {process.returncode}"
        with contextlib.suppress(httpx.TransportError):
            client.get(f"{url}/sim/state")
            return
        time.sleep(0.1)
    raise AssertionError(f"the peer did not listen within {_STARTS_S} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
