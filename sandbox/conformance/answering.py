"""What does a CPO ask of us and tell us, while it is examined? The kit answers as an eMSP.

The CPO must be able to call the address that the kit listens at, as it will have to call us.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.ocpi.envelope import authorization, versions
from chalicelib.ocpi.envelope.body import BYTES_MAX
from chalicelib.ocpi.language import language

ENCODED, PLAIN = "in Base64", "as it is"
_OK, _UNAUTHORIZED = 200, 401
_SUCCESS, _CLIENT_ERROR = 1000, 2000


def new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class Answering:
    """`token` is the one that the CPO was given to call us; none was given: any may be shown.

    `asked` are the paths that it read, `told` the bodies that it posted, by their path, and `forms`
    how it showed the token.
    """

    url: str
    version: str = ""
    token: str = ""
    asked: list[str] = field(default_factory=list)
    told: dict[str, list[bytes]] = field(default_factory=dict)
    forms: set[str] = field(default_factory=set)
    strangers: int = 0
    _news: threading.Condition = field(default_factory=threading.Condition)

    def read(self, path: str, header: str) -> tuple[int, Any]:
        """Versions and their details, as our own are; and no tokens."""
        if not self._admits(header):
            return _UNAUTHORIZED, None
        self.asked.append(path)
        if "/tokens" in path:
            return _OK, []
        if path.rstrip("/").endswith("/ocpi/versions"):
            return _OK, versions.write_versions(self.url, [self.version])
        spoken = language(self.version)
        return _OK, versions.write_details(
            self.url, self.version, spoken.endpoints, roles=spoken.roles
        )

    def take(self, path: str, header: str, body: bytes) -> tuple[int, Any]:
        """A command's result, at the `response_url` that was told for it.

        What else the CPO pushes meanwhile is answered, and not looked at.
        """
        if not self._admits(header):
            return _UNAUTHORIZED, None
        with self._news:
            if path in self.told:
                self.told[path].append(body)
                self._news.notify_all()
        return _OK, None

    def response_url(self, command: str, id_: str) -> str:
        """Where the result of a command may be posted from now on."""
        path = f"/ocpi/{self.version}/commands/{command}/{id_}"
        self.told[path] = []
        return f"{self.url}{path}"

    def result(self, response_url: str, wait_s: float) -> bytes | None:
        """The first result that comes in time."""
        told = self.told[response_url.removeprefix(self.url)]
        until = time.monotonic() + wait_s
        with self._news:
            while not told and (left := until - time.monotonic()) > 0:
                self._news.wait(left)
        return told[0] if told else None

    def _admits(self, header: str) -> bool:
        found = authorization.candidates(header)
        if self.token and self.token not in found:
            self.strangers += 1
            return False
        if self.token:
            raw = header.strip().partition(" ")[2].strip() == self.token
            self.forms.add(PLAIN if raw else ENCODED)
        return True


@contextmanager
def answering(listen: tuple[str, int], url: str = "") -> Iterator[Answering]:
    """Serves what a CPO asks for at an address; `url` is how the CPO reaches it."""
    state = Answering(url)
    server = ThreadingHTTPServer(listen, _handler(state))
    state.url = url or f"http://{listen[0]}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(*state.read(self.path, self._shown))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            size = int(length) if length.isdecimal() else 0
            body = self.rfile.read(min(size, BYTES_MAX))
            self._reply(*state.take(self.path, self._shown, body))

        do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the server's own names

        @property
        def _shown(self) -> str:
            return self.headers.get("Authorization", "")

        def _reply(self, status: int, data: object) -> None:
            now = instant_text(datetime.now(UTC).replace(microsecond=0))
            code = _SUCCESS if status == _OK else _CLIENT_ERROR
            content = json.dumps({"status_code": code, "timestamp": now, "data": data}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """A request is judged, not logged."""

    return Handler
