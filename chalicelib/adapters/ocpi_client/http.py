"""How is a peer called? One bounded request at a time, to the address that was judged.

No redirect is followed, since the token would travel along; nothing is repeated, since OCPI does
not repeat and a command may have arrived; no answer is read beyond its limit.
"""

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import urllib3

from chalicelib.adapters.address import (
    Address,
    AddressRefused,
    AddressUnknown,
    pool_to,
    resolve,
)
from chalicelib.adapters.deadline import within
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable

ANSWER_BYTES_MAX = 8_000_000
_CONNECT_S = 4
READ_S = 20  # START_SESSION may wait for a charger on a slow mobile network
_POOLS_MAX = 32
_CHUNK = 65_536
_TOO_MANY, _SERVER_ERROR, _REDIRECT, _REFUSED = 429, 500, 300, 400


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    link: str  # the Link header, empty when there is none
    total: str = ""  # X-Total-Count


class Http:
    """Keeps connections to the peers that it called last."""

    def __init__(self, *, allow_private: bool, read_s: int = READ_S) -> None:
        self._allow_private = allow_private
        self._timeout = urllib3.Timeout(connect=_CONNECT_S, read=read_s)
        self._whole_s: float = 2 * read_s
        self._choosing = Lock()  # several owners are told at once
        self._pools: OrderedDict[Address, urllib3.HTTPConnectionPool] = OrderedDict()

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Answer:
        """The answer with a 2xx status. Raises CpoUnavailable and CpoRefused."""
        address = self._address(url)
        content = None if body is None else dump(body).encode()
        sent = {
            "Host": address.authority,
            "Accept": "application/json",
            "X-Request-ID": str(uuid.uuid4()),
            "X-Correlation-ID": str(uuid.uuid4()),
            **headers,
        }
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            with within(self._whole_s):
                answer, read = self._asked(method, address, content, sent)
        except urllib3.exceptions.HTTPError as error:
            raise CpoUnavailable(f"{address.host}: {type(error).__name__}") from error
        check_status(answer.status, address.host)
        headers = answer.headers
        return Answer(read, headers.get("Link", ""), headers.get("X-Total-Count", ""))

    def _asked(
        self, method: str, address: Address, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        answer = self._pool(address).urlopen(
            method,
            address.target,
            body=content,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            return answer, _bounded(answer)
        except CpoUnavailable:
            answer.close()  # what is left of it is no answer to the next call
            raise
        finally:
            answer.release_conn()

    def _address(self, url: str) -> Address:
        try:
            return resolve(url, allow_private=self._allow_private)
        except AddressUnknown as error:
            raise CpoUnavailable(f"{error} has no address") from error
        except AddressRefused as error:
            raise CpoRefused(_REFUSED, str(error)) from error

    def _pool(self, address: Address) -> urllib3.HTTPConnectionPool:
        key = Address(address.scheme, address.host, address.port, address.ip, "")
        with self._choosing:
            if key in self._pools:
                self._pools.move_to_end(key)
                return self._pools[key]
            if len(self._pools) >= _POOLS_MAX:
                self._pools.popitem(last=False)[1].close()
            self._pools[key] = pool_to(address, self._timeout)
            return self._pools[key]

    def close(self) -> None:
        while self._pools:
            self._pools.popitem()[1].close()


def correlated(id_: str) -> dict[str, str]:
    """The header of a message that is passed on: it keeps its id (2.2.1 transport_and_format)."""
    return {"X-Correlation-ID": id_} if id_ else {}


def _bounded(answer: urllib3.BaseHTTPResponse) -> bytes:
    """The body, unless it is larger than any that is sent in good faith."""
    parts: list[bytes] = []
    size = 0
    # read1: as much as has come, and no more than that is kept twice.
    while chunk := answer.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise CpoUnavailable(f"the answer is larger than {ANSWER_BYTES_MAX} bytes")
        parts.append(chunk)
    return b"".join(parts)


def check_status(status: int, host: str) -> None:
    """Raises CpoUnavailable and CpoRefused for all but a 2xx status."""
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        raise CpoUnavailable(f"{host} answered HTTP {status}")
    if status >= _REDIRECT:
        what = "redirects, which are not followed" if status < _REFUSED else "refuses"
        raise CpoRefused(status, f"{host} {what}")
