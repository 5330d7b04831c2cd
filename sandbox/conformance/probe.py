"""What does a CPO's endpoint answer, to the byte? Headers and envelopes are judged, too."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chalicelib.ocpi.envelope.authorization import shown
from chalicelib.ocpi.envelope.body import BYTES_MAX, MalformedJson, parse_object

_TIMEOUT = urllib3.Timeout(connect=5, read=30)
_OK = range(200, 300)


class Silent(Exception):
    """Nothing that can be judged came back."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    took_s: float
    request_id: str
    correlation_id: str

    @property
    def envelope(self) -> dict[str, Any]:
        """Raises Silent when the body is no JSON object."""
        try:
            return parse_object(self.body)
        except MalformedJson as error:
            begin = self.body[:80].decode(errors="replace")
            told = f"HTTP {self.status} without an OCPI answer ({error}): {begin!r}"
            raise Silent(told) from error

    @property
    def data(self) -> Any:  # noqa: ANN401 - any JSON
        """Of a success. Raises Silent for anything else."""
        envelope = self.envelope
        code = envelope.get("status_code")
        good = isinstance(code, int) and 1000 <= code < 2000
        if self.status not in _OK or not good:
            message = str(envelope.get("status_message", ""))[:120]
            raise Silent(f"HTTP {self.status}, OCPI {code}: {message}")
        return envelope.get("data")


class Probe:
    """Calls one CPO with a token; `raw_token` shows it without Base64, as 2.1.1 peers expect.

    `routing` are the headers of functional modules; versions and credentials have none.
    """

    def __init__(self, token: str, *, raw_token: bool) -> None:
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self.token, self.raw_token = token, raw_token
        self.routing: Mapping[str, str] = {}

    def get(self, url: str, *, token: str | None = None) -> Reply:
        """`token` "" shows none at all. Raises Silent."""
        return self.call("GET", url, None, token=token)

    def call(self, method: str, url: str, body: bytes | None, *, token: str | None = None) -> Reply:
        shows = self.token if token is None else token
        request_id, correlation_id = str(uuid.uuid4()), str(uuid.uuid4())
        headers = {
            "X-Request-ID": request_id,
            "X-Correlation-ID": correlation_id,
            "Accept": "application/json",
            **self.routing,
        }
        if shows:
            headers["Authorization"] = shown(shows, raw=self.raw_token)
        if body is not None:
            headers["Content-Type"] = "application/json"
        begun = time.monotonic()
        try:
            answer = self._pool.request(
                method, url, body=body, headers=headers, redirect=False, preload_content=False
            )
            try:
                content = answer.read(BYTES_MAX + 1, decode_content=True)
            finally:
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Silent(f"{urlsplit(url).netloc}: {type(error).__name__}: {error}") from error
        if len(content) > BYTES_MAX:
            raise Silent(f"the answer is larger than {BYTES_MAX:,} bytes")
        took_s = time.monotonic() - begun
        return Reply(answer.status, answer.headers, content, took_s, request_id, correlation_id)

    def close(self) -> None:
        self._pool.clear()
