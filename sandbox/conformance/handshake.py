"""Does a CPO register us and let us go as it should? The kit answers as an eMSP meanwhile.

The CPO must be able to call the address that the kit listens at, as it will have to call us.
"""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope import authorization, versions
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ocpi.envelope.credentials import Credentials
from chalicelib.ocpi.language import language
from sandbox.conformance.finding import Check, Report
from sandbox.conformance.probe import Probe, Silent

_POST = "credentials: POST Method"
_DELETE = "credentials: DELETE Method"
_UNAUTHORIZED = 401


@dataclass
class Answering:
    """What the CPO asked of us. `token` is the one that it was given to call us."""

    url: str
    version: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    asked: list[str] = field(default_factory=list)
    strangers: int = 0

    def reply(self, path: str, header: str) -> tuple[int, Any]:
        if self.token not in authorization.candidates(header):
            self.strangers += 1
            return _UNAUTHORIZED, None
        self.asked.append(path)
        if path.rstrip("/").endswith("/ocpi/versions"):
            return 200, versions.write_versions(self.url, [self.version])
        spoken = language(self.version)
        return 200, versions.write_details(
            self.url, self.version, spoken.endpoints, roles=spoken.roles
        )


@contextmanager
def answering(listen: tuple[str, int], url: str = "") -> Iterator[Answering]:
    """Serves versions and their details at an address; `url` is how the CPO reaches it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, data = state.reply(self.path, self.headers.get("Authorization", ""))
            now = instant_text(datetime.now(UTC).replace(microsecond=0))
            code = 1000 if status == 200 else 2000
            body = {"status_code": code, "timestamp": now, "data": data}
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """A request is judged, not logged."""

    server = ThreadingHTTPServer(listen, Handler)
    state = Answering(url or f"http://{listen[0]}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def register(report: Report, probe: Probe, url: str, us: Answering) -> Credentials | None:
    """POST our credentials with the token that we were invited with; theirs, if all went well."""
    hint = "call our versions with the token in the body, then answer with your own credentials"
    check = report.check("credentials are exchanged", _POST, hint)
    us.version, invited = report.version, probe.token
    spoken = language(report.version)
    body = dump(spoken.write_credentials(us.token, versions.versions_url(us.url), None)).encode()
    try:
        theirs = spoken.read_credentials(probe.call("POST", url, body).data)
    except (Silent, Invalid) as error:
        check.fails(f"{error}")
        return None
    if not us.asked:
        check.fails("our versions were not asked for: a wrong URL or token would not be noticed")
    if theirs.token == invited:
        check.fails("the answer has the token of the invitation: a new one belongs there")
    probe.token = theirs.token
    _is_dead(report, probe, url, invited)
    _again(report, probe, url, body)
    return theirs


def _is_dead(report: Report, probe: Probe, url: str, invited: str) -> None:
    hint = "forget the invitation's token once credentials were exchanged"
    check = report.check("the invitation's token is dead afterwards", _POST, hint)
    _expect(check, probe, url, invited, _UNAUTHORIZED)


def _again(report: Report, probe: Probe, url: str, body: bytes) -> None:
    hint = "answer HTTP 405 to a POST of who is registered: PUT renews"
    check = report.check("who is registered cannot register again", _POST, hint)
    try:
        status = probe.call("POST", url, body).status
    except Silent as error:
        check.fails(str(error))
        return
    if status != 405:
        check.fails(f"a second POST gave HTTP {status}")


def leave(report: Report, probe: Probe, url: str) -> None:
    """DELETE the credentials: the kit leaves nothing behind."""
    check = report.check("credentials can be withdrawn", _DELETE, "answer DELETE with status 1000")
    try:
        _ = probe.call("DELETE", url, None).data
    except Silent as error:
        check.fails(str(error))
        return
    after = report.check("who left is refused", _DELETE, "answer HTTP 401 from then on")
    _expect(after, probe, url, probe.token, _UNAUTHORIZED)


def _expect(check: Check, probe: Probe, url: str, token: str, status: int) -> None:
    try:
        got = probe.get(url, token=token).status
    except Silent as error:
        check.fails(str(error))
        return
    if got != status:
        check.fails(f"HTTP {got}")
