"""How does a peer call others over HTTP? Kept-alive connections, one try, no redirects.

urllib3 in worker threads: it costs a third of what asyncio's clients do, and a replay makes
thousands of calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import urllib3

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` 0: nothing came back, and nobody knows whether the request was heard."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


Call = Callable[[str, str, Mapping[str, str], bytes | None], Awaitable[Reply]]


class Caller:
    """A `Call` over the network: method, URL, headers, body."""

    def __init__(self, timeout_s: float) -> None:
        self._pool = urllib3.PoolManager(
            maxsize=_PARALLEL, retries=False, timeout=urllib3.Timeout(timeout_s)
        )
        self._threads = ThreadPoolExecutor(_PARALLEL)

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, method, url, headers, content)

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        try:
            answer = self._pool.request(method, url, body=content, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError:
            return Reply()
        return Reply(answer.status, answer.headers, answer.data)
