"""Partners' endpoints and a rate feed in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chalicelib.domain.errors import Rejected
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.ports.rates import RatesUnavailable


class InsideRefused(Rejected):
    code = "address_refused"


@dataclass
class MemoryWeb:
    """Answers every webhook with `status` (0: not at all), and keeps what was posted.

    Names in `inside` lead into our own network.
    """

    status: int = 204
    posted: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    inside: set[str] = field(default_factory=set)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: int) -> int:
        assert timeout_s > 0, "nobody waits for ever"
        if urlsplit(url).hostname in self.inside:
            raise InsideRefused(f"{url} leads into our own network")
        self.posted.append((url, body, headers))
        return self.status


@dataclass
class MemoryRates:
    """A feed that published `days`; without any it has no answer."""

    days: list[DailyRates] = field(default_factory=list)

    def latest(self) -> list[DailyRates]:
        if not self.days:
            raise RatesUnavailable("the feed lists no day")
        return sorted(self.days, key=lambda rates: rates.day)
