"""How is a peer started as a process of its own, awaited, and stopped?

`Processes` is a context manager: whatever happens inside, nothing that it started stays behind.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LOGS = Path("build/logs")
_START_SECONDS_MAX = 30
_STOP_SECONDS_MAX = 8
_LOG_TAIL_BYTES = 2000
_given: set[int] = set()


class PeerDidNotStart(RuntimeError):
    """It ended, or stayed silent for too long. The tail of its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        tail = log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
        super().__init__(f"{name} did not start; the end of {log}:\n{tail}")
        self.name, self.log = name, log


@dataclass(slots=True)
class Running:
    """One process; `url` has no trailing slash."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that nobody had a moment ago, and that nobody here was given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


class Processes:
    """Starts processes and ends them in the opposite order, each by its own id."""

    def __init__(self, logs: Path = LOGS) -> None:
        self._logs = logs
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_all()

    def start_module(
        self,
        name: str,
        module: str,
        arguments: Sequence[str] = (),
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        ready: str = "/",
    ) -> Running:
        """Run `python -m <module> --port <port> <arguments>` until it answers on 127.0.0.1."""
        chosen = port or free_port()
        command = (sys.executable, "-m", module, "--port", str(chosen), *arguments)
        return self.start(name, command, chosen, environment=environment, ready=ready)

    def start(
        self,
        name: str,
        command: Sequence[str],
        port: int,
        *,
        environment: Mapping[str, str] | None = None,
        ready: str = "/",
    ) -> Running:
        """Run any command that serves HTTP on the port; `ready` is the path it is asked for."""
        variables = {**os.environ, **(environment or {})}
        return self._spawn(name, tuple(command), variables, port, ready)

    def restart(self, running: Running, ready: str = "/", *, kill: bool = False) -> Running:
        """End it (at once if `kill`) and start the same command on the same port."""
        self.stop(running, kill=kill)
        return self.start(
            running.name,
            running.command,
            running.port,
            environment=running.environment,
            ready=ready,
        )

    def stop(self, running: Running, *, kill: bool = False) -> None:
        """Ask it to end; if it does not within seconds, make it, and all that it started."""
        process = running.process
        if process.poll() is None and not kill:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):  # nobody of its group is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if running in self._running:
            self._running.remove(running)

    def stop_all(self) -> None:
        """All are asked at once, and awaited from the last that was started to the first."""
        for running in self._running:
            running.process.terminate()
        try:
            for running in reversed(list(self._running)):
                self.stop(running)
        finally:
            for running in list(self._running):  # interrupted once more: no time is left to ask
                self.stop(running, kill=True)

    def _spawn(
        self, name: str, command: tuple[str, ...], variables: dict[str, str], port: int, ready: str
    ) -> Running:
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the whole terminal group; peers end when we tell them, in order.
                # What a peer starts is of its group, so that it can be ended with it.
                start_new_session=True,
            )
        running = Running(name, command, variables, port, log, process)
        self._running.append(running)  # from here on it is ended, whatever interrupts the wait
        if not _answers_in_time(running, ready):
            self.stop(running, kill=True)
            raise PeerDidNotStart(name, log)
        return running


def _answers_in_time(running: Running, path: str) -> bool:
    deadline = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < deadline and running.process.poll() is None:
        if _answers(running.port, path):
            return True
        time.sleep(0.02)
    return False


def _answers(port: int, path: str) -> bool:
    """Whether anything speaks HTTP there; its status does not matter."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
