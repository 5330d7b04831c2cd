"""What time is it in the sandbox? A file says so, which everybody reads. It never goes back.

A file and no server: every use case asks, thousands of times a day that is played.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from sandbox.peers.serving import epoch, instant

FILE = "CLOCK_FILE"  # the variable by which the channel's functions and the peers find it


class GoesBack(ValueError):
    """Somebody wants to set the clock to a time that has passed."""


@dataclass(frozen=True, slots=True)
class Clock:
    """In whole seconds since 1970. One process sets it, any number read it."""

    file: Path

    def now(self) -> int:
        return epoch(self.file.read_text())

    def set(self, at: int) -> None:
        if self.file.exists() and at < (now := self.now()):
            raise GoesBack(f"it is {instant(now)}; the clock does not go back to {instant(at)}")
        new = self.file.with_suffix(".new")
        new.write_text(instant(at))
        new.replace(self.file)  # a reader sees the one time or the other, whole


def now_by(file: str) -> int:
    """The time of the clock in `file`; wall time where none is named."""
    return Clock(Path(file)).now() if file else int(time.time())
