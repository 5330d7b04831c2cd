"""Which histories have what is rare? Named ones, and those of some seeds.

A rail that does not answer for longer than it remembers keys; a CPO that joins, and leaves again.
"""

from dataclasses import replace
from random import Random

from sandbox.simulation.trip import DAYS, Act, Scenario, Trip, any_scenario

_SILENCES = ("transfer", "pay", "transfer yes", "pay yes")

SILENCES = (
    Scenario("no transfer is answered", (Trip(),), acts=(Act("silent", 1, "transfer"),)),
    Scenario("no payout is answered", (Trip(),), acts=(Act("silent", 1, "pay"),)),
    Scenario("a transfer is made in silence", (Trip(),), acts=(Act("silent", 1, "transfer yes"),)),
    Scenario("a payout is made in silence", (Trip(),), acts=(Act("silent", 1, "pay yes"),)),
)
_JOINING = (
    (Act("join", 1, "we"), Act("change", 3, "we"), Act("change", 20, "we"), Act("part", 40, "we")),
    (Act("join", 1, "they"), Act("change", 3, "they"), Act("part", 40, "they")),
    (Act("join", 1, "we"), Act("change", 3, "they"), Act("change", 9, "we")),
    (
        Act("join", 1, "they"),
        Act("hub_tells", 6, "OFFLINE"),
        Act("pull", 7),
        Act("hub_tells", 8, "CONNECTED"),
        Act("pull", 12),
        Act("change", 20, "they"),
    ),
)
_NAMES = ("we ask a CPO to join", "a CPO joins", "a CPO joins and stays", "a hub joins")
JOINING = tuple(
    Scenario(name, (Trip(),), acts=acts, roams=True)
    for name, acts in zip(_NAMES, _JOINING, strict=True)
)
RARE = (*SILENCES, *JOINING)


def any_rare(random: Random) -> Scenario:
    if random.random() < 0.25:
        return replace(random.choice(RARE), day=random.choice(DAYS))
    drawn = any_scenario(random)
    if random.random() < 0.5:
        joining = random.choice(_JOINING)
        return replace(drawn, acts=(*drawn.acts, *joining), nights=False, roams=True)
    silent = Act("silent", 1, random.choice(_SILENCES))
    return replace(drawn, acts=(*drawn.acts, silent), nights=True)
