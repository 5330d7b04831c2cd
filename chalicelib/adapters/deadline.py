"""Until when may an answer take, from its first byte to its last? A peer may send one at a time.

A timeout of a socket begins anew with each byte, so each wait is cut to what is left of the whole.
"""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from socket import socket
from typing import Any

import urllib3

_UNTIL: ContextVar[float] = ContextVar("until")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The answers to what is asked here end by then, headers and body; else TimeoutError."""
    before = _UNTIL.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _UNTIL.reset(before)


class _Waiting(io.RawIOBase):
    """What comes from a socket, until the time is over."""

    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self._raw, self._sock, self._until = raw, sock, _UNTIL.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any writable buffer
        left_s, timeout_s = self._until - time.monotonic(), self._sock.gettimeout()
        if left_s <= 0:
            raise TimeoutError("the answer does not come to an end")
        self._sock.settimeout(left_s if timeout_s is None else min(left_s, timeout_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_Waiting(self.fp.detach(), sock))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Answer


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = _Answer


class Pool(urllib3.HTTPConnectionPool):
    """Answers `within` a time, over http."""

    ConnectionCls = _Connection


class SecurePool(urllib3.HTTPSConnectionPool):
    """Answers `within` a time, over https."""

    ConnectionCls = _SecureConnection
