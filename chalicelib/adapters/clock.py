"""What time is it? The only place where wall time is read; the sandbox steps its own clock."""

import json
from datetime import UTC, datetime

import urllib3

from chalicelib.domain.errors import NotYet


class ClockUnavailable(NotYet):
    """The stepped clock did not answer. Going on with wall time would mix two times."""

    code = "clock_unavailable"


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)


class SteppedClock:
    """Asks at every call: an answer that was kept would be wrong after the next step."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(
            maxsize=8,
            timeout=urllib3.Timeout(connect=1, read=2),
            retries=urllib3.Retry(total=3, backoff_factor=0.05, redirect=0),
        )

    def now(self) -> datetime:
        try:
            answer = self._pool.request("GET", self._url)
            now = datetime.fromisoformat(json.loads(answer.data)["now"])
        except (urllib3.exceptions.HTTPError, ValueError, KeyError) as error:
            raise ClockUnavailable(f"{self._url} does not tell the time") from error
        return now.astimezone(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)
