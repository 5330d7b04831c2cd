"""Does whatever the sandbox started end with it, however it ends itself?"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.aws.package import ROOT
from sandbox.peers import processes as starting
from sandbox.peers.processes import Processes

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_PATIENCE_S = 20
# A peer of two processes that both hold the pipe open: it answers once both do.
_PEER = """
import http.server, subprocess, sys
held = open(sys.argv[2], "w")
sleeps = "import time; time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", sleeps], pass_fds=[held.fileno()])
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler)
server.serve_forever()
"""
_SANDBOX = """
import sys, time
from pathlib import Path
from sandbox.__main__ import end_like_ctrl_c
from sandbox.peers.processes import Processes, free_port
end_like_ctrl_c()
with Processes(Path(sys.argv[1])) as processes:
    port = free_port()
    processes.start("peer", [sys.executable, "-c", sys.argv[2], str(port), sys.argv[3]], port)
    print("up", flush=True)
    time.sleep(600)
"""


def _held(pipe: int) -> bool:
    """Whether any process has the pipe open to write."""
    try:
        return os.read(pipe, 1) != b""
    except BlockingIOError:
        return True


def _let_go(pipe: int) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while _held(pipe) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _held(pipe)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_peers_and_what_they_started(
    tmp_path: Path, number: signal.Signals
) -> None:
    name = tmp_path / "pipe"
    os.mkfifo(name)
    pipe = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    command = [sys.executable, "-c", _SANDBOX, str(tmp_path), _PEER, str(name)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=quiet) as ours:  # noqa: S603 - our own interpreter
        assert ours.stdout is not None
        assert ours.stdout.readline() == b"up\n"
        assert _held(pipe)
        ours.send_signal(number)
        try:
            ours.wait(_PATIENCE_S)
        finally:
            ours.kill()
    assert _let_go(pipe)
    os.close(pipe)


def test_a_peer_that_was_not_up_yet_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    def interrupted(running: starting.Running, _ready: str) -> bool:
        started.append(running.process)
        raise KeyboardInterrupt

    monkeypatch.setattr(starting, "_answers_in_time", interrupted)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(KeyboardInterrupt), Processes(tmp_path) as processes:
        processes.start("sleeper", command, 1)
    assert [process.returncode for process in started] == [-signal.SIGTERM]


def test_a_second_interrupt_ends_the_rest_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first asks each peer to end; who presses Ctrl-C again does not wait for them."""
    monkeypatch.setattr(starting, "_answers_in_time", lambda *_: True)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    processes = Processes(tmp_path)
    started = [processes.start(name, command, 1).process for name in ("one", "two", "three")]
    waits = started[1].wait
    interrupts = iter([KeyboardInterrupt()])

    def interrupted(timeout: float | None = None) -> int:
        for interrupt in interrupts:
            raise interrupt
        return waits(timeout)

    monkeypatch.setattr(started[1], "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        processes.stop_all()
    assert None not in [process.returncode for process in started]
