"""What time is it? The only place where wall time is read; the sandbox steps its own clock."""

from datetime import UTC, datetime
from pathlib import Path

from chalicelib.domain.errors import NotYet


class ClockUnavailable(NotYet):
    """The stepped clock cannot be read. Going on with wall time would mix two times."""

    code = "clock_unavailable"


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)


class SteppedClock:
    """A file that holds one RFC 3339 instant.

    Read at every call: what was kept would be wrong after the next step.
    """

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def now(self) -> datetime:
        try:
            return datetime.fromisoformat(self._file.read_text()).astimezone(UTC)
        except (OSError, ValueError) as error:
            raise ClockUnavailable(f"{self._file} does not tell the time") from error

    def wall(self) -> datetime:
        return datetime.now(UTC)
