"""Which histories have what is rare? Named ones, and those of some seeds.

A rail that does not answer for longer than it remembers keys.
"""

from dataclasses import replace
from random import Random

from sandbox.simulation.trip import DAYS, Act, Scenario, Trip, any_scenario

_SILENCES = ("transfer", "pay", "transfer yes", "pay yes")

RARE = (
    Scenario("no transfer is answered", (Trip(),), acts=(Act("silent", 1, "transfer"),)),
    Scenario("no payout is answered", (Trip(),), acts=(Act("silent", 1, "pay"),)),
    Scenario("a transfer is made in silence", (Trip(),), acts=(Act("silent", 1, "transfer yes"),)),
    Scenario("a payout is made in silence", (Trip(),), acts=(Act("silent", 1, "pay yes"),)),
)


def any_rare(random: Random) -> Scenario:
    if random.random() < 0.25:
        return replace(random.choice(RARE), day=random.choice(DAYS))
    drawn = any_scenario(random)
    silent = Act("silent", 1, random.choice(_SILENCES))
    return replace(drawn, acts=(*drawn.acts, silent), nights=True)
