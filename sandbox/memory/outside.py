"""Partners' endpoints and a rate feed in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.fx.rates import DailyRates


@dataclass
class MemoryWeb:
    """Answers every webhook with `status`, and keeps what was posted."""

    status: int = 204
    posted: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: int) -> int:
        assert timeout_s > 0
        self.posted.append((url, body, headers))
        return self.status


@dataclass
class MemoryRates:
    days: list[DailyRates] = field(default_factory=list)

    def latest(self) -> list[DailyRates]:
        return self.days
