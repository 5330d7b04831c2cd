"""How does time pass in a market that somebody uses by hand? By itself, many seconds in one.

Nothing waits for anything here: peers speak when their time has come, the channel's stream does
what follows while the clock goes on, and schedules are invoked when it passes their times.
"""

import sys
import time
from datetime import datetime, timedelta

import httpx

from chalicelib.domain.codec import instant_text
from sandbox.market.house import House

_BEAT_S = 0.4
_LONGEST_BEAT_S = 3.0  # after a laptop's sleep time goes on where it was, and does not jump
_RATES_HOUR = 16
_EVERY = {
    "sweep_effects": timedelta(minutes=5),
    "open_due_windows": timedelta(minutes=5),
    "read_bank_files": timedelta(minutes=5),
    "pull_networks": timedelta(hours=1),
}


class Flow:
    """The market's time and everything that goes by it. `speed`: its seconds in a real one."""

    def __init__(self, house: House, speed: float) -> None:
        self._house = house
        self._speed = speed
        self._now = house.opens

    def run(self) -> None:
        """For ever; Ctrl-C ends it."""
        before = time.monotonic()
        while True:
            time.sleep(_BEAT_S)
            passed = time.monotonic() - before
            before += passed
            self.beat(timedelta(seconds=min(passed, _LONGEST_BEAT_S) * self._speed))

    def beat(self, step: timedelta) -> None:
        """Time goes on by a step. What fails is said, and tried again with the next one."""
        before, self._now = self._now, self._now + step
        try:
            self._beat(before)
        except (httpx.HTTPError, RuntimeError) as error:
            print(f"{self._now:%H:%M}: {error}", file=sys.stderr)

    def _beat(self, before: datetime) -> None:
        self._house.set_clock(self._now)
        for cpo in self._house.cpos.values():
            self._house.tell(cpo, "tick", now=instant_text(self._now))
        self._house.tell(self._house.provider, "tick")
        if self._house.bank is not None:
            self._house.tell(self._house.bank, "tick", now=instant_text(self._now))
        for function, period in _EVERY.items():
            if before.timestamp() // period.seconds != self._now.timestamp() // period.seconds:
                self._house.aws.invoke(function)
        if before.hour < _RATES_HOUR <= self._now.hour:
            self._house.aws.invoke("import_rates")
