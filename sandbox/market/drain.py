"""Has everything that was caused until now been done? The clock may only move when it has.

A canary written to the table comes out of its stream after all that was written before it. One
record may cause others (a charger's report moves a session, a session's event a delivery), so
canaries are sent until the longest chain has surely run.
"""

import time

from chalicelib.ports.bundle import Ports
from chalicelib.usecases.effect.heartbeat import answered, plant

_CHAIN = 2  # a report moves a session; a session's events may reach the partner later
_SECONDS_MAX = 60
_AGAIN_S = 3
_FIRST_PAUSE_S, _PAUSE_S = 0.06, 0.03  # each look costs work that the reader could do


class StandsStill(RuntimeError):
    """The stream's reader does not answer; build/logs says why."""


def drain(ports: Ports, chain: int = _CHAIN) -> None:
    """Return when the stream is read to its end, or raise StandsStill."""
    for _ in range(chain):
        deadline = time.monotonic() + _SECONDS_MAX
        planted = time.monotonic()
        plant(ports, ports.clock.now())
        time.sleep(_FIRST_PAUSE_S)
        while not answered(ports):
            if time.monotonic() > deadline:
                raise StandsStill("run_effects did not answer within a minute; see build/logs")
            if time.monotonic() > planted + _AGAIN_S:  # its reader was killed with it in its hands
                planted = time.monotonic()
                plant(ports, ports.clock.now())
            time.sleep(_PAUSE_S)
