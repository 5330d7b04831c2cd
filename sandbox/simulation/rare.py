"""Which histories have what is rare? Named ones, and those of some seeds.

A rail that does not answer for longer than it remembers keys; a CPO that joins, and leaves again; a
driver with a budget; terms and keys.
"""

from dataclasses import replace
from random import Random

from chalicelib.domain.agreement.agreement import PaymentMethod
from sandbox.simulation.trip import CARDS, DAYS, Act, Scenario, Trip, any_scenario

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
_THIRSTY = Trip(kwh=50)
BUDGETS = (
    Scenario(
        "a budget for one of two",
        (_THIRSTY, replace(_THIRSTY, number=2)),
        acts=(Act("budget", 1, minor=4000),),
    ),
    Scenario(
        "a budget that grows less",
        (_THIRSTY, replace(_THIRSTY, number=2, hold_minor=900, reports=2)),
        acts=(Act("budget", 1, minor=5500),),
    ),
)
SIGNING = (Scenario("terms are signed", (Trip(),), acts=(Act("sign", 1), Act("key", 2, minor=3))),)
RARE = (*SILENCES, *JOINING, *BUDGETS, *SIGNING)


def any_rare(random: Random) -> Scenario:
    if random.random() < 0.25:
        return replace(random.choice(RARE), day=random.choice(DAYS))
    drawn = any_scenario(random)
    kind = random.choice((_spending, _joining, _falling_silent))
    return kind(random, drawn)


def _falling_silent(random: Random, drawn: Scenario) -> Scenario:
    silent = Act("silent", 1, random.choice(_SILENCES))
    return replace(drawn, acts=(*drawn.acts, silent), nights=True)


def _joining(random: Random, drawn: Scenario) -> Scenario:
    acts = (*drawn.acts, *random.choice(_JOINING), *SIGNING[0].acts)
    return replace(drawn, acts=acts, nights=False, roams=True)


def _spending(random: Random, drawn: Scenario) -> Scenario:
    """Up to three starts of one driver, some of them at once."""
    first = replace(drawn.trips[0], method=PaymentMethod.CARD, card=CARDS[0])
    trips = [first]
    for number in range(2, random.choice((3, 4))):
        later = first.at + random.choice((0, 0, 1, 30, 200))
        trips.append(replace(first, number=number, at=later, kwh=random.choice((20, 50))))
    budget = Act("budget", 0.01, minor=random.choice((2000, 4000, 5500)))
    return replace(drawn, trips=tuple(trips), acts=(budget,), nights=False)
