"""Which histories ask chargers for more than a charge? Named ones, and those of some seeds.

A charger is kept free for a driver, a cable is freed, a driver wishes to be charged in a hurry.
"""

from dataclasses import replace
from random import Random

from chalicelib.domain.agreement.agreement import PaymentMethod
from sandbox.simulation.roaming.scenarios import any_roaming
from sandbox.simulation.roams import Roams
from sandbox.simulation.trip import DAYS, Act, Scenario, Trip

_LONG = Trip(minutes=400, kwh=50)
_EMSPS = Trip(method=PaymentMethod.INVOICE, roams=Roams())
_EMSPS_LONG = replace(_EMSPS, minutes=400, kwh=50)
_AFTER = 3.2  # hours: the first trip is over for ten minutes

_OF_A_PARTNER = {
    "reserved": (Act("reserve", 1),),
    "reserved, and refused": (Act("reserve", 1, "rejected"), Act("reserve", 1.5, "failed")),
    "reserved by one, asked for by another": (
        Act("reserve", 0.5, minor=120),
        Act("reserve", 1),
        Act("give_back", 1.2),
    ),
    "reserved, and given back": (Act("reserve", 1), Act("give_back", 1.4)),
    "reserved, and given back at once": (Act("reserve", 1), Act("give_back", 1.001)),
    "reserved late, and given back at once": (Act("reserve", 1, "late"), Act("give_back", 1.001)),
    "reserved, and kept": (Act("reserve", 1, "keeps"), Act("give_back", 1.2)),
    "reserved, and taken back": (Act("reserve", 1, "takes-back"), Act("give_back", 2)),
    "reserved, and nobody answers": (Act("reserve", 1, "mute"), Act("reserve", 3, "slow")),
    "reserved four times": tuple(Act("reserve", 1 + n / 10, "mute") for n in range(4)),
    "cable is freed": (Act("unlock", _AFTER),),
    "cable is freed again": (Act("unlock", _AFTER, "failed"), Act("unlock", _AFTER + 0.5)),
    "cable stays locked": (Act("unlock", _AFTER, "rejected"),),
    "cable, and nobody answers": (Act("unlock", _AFTER, "mute"), Act("unlock", _AFTER + 2)),
}
_OF_A_DRIVER = {  # whose car charges for long
    "wish": (Act("prefer", 2.5, "FAST"),),
    "wishes": (Act("prefer", 2.5, "FAST"), Act("prefer", 2.501, "GREEN", minor=1)),
    "wish is impossible": (Act("prefer", 3, "CHEAP impossible"), Act("prefer", 20, "FAST")),
}
_OF_AN_EMSP = {
    "eMSP reserves": (Act("emsp_reserve", 0.5),),
    "eMSP reserves, and is refused": (Act("emsp_reserve", 0.5, "occupied"),),
    "eMSP reserves, and gives back": (Act("emsp_reserve", 0.5), Act("emsp_give_back", 0.8)),
    "eMSP reserves, and gives back at once": (
        Act("emsp_reserve", 0.5, "slow"),
        Act("emsp_give_back", 0.501),
    ),
    "eMSP reserves for longer": (
        Act("emsp_reserve", 0.5),
        Act("emsp_reserve", 1, minor=90),
        Act("emsp_give_back", 1.2),
    ),
    "eMSP reserves, and may not for longer": (
        Act("emsp_reserve", 0.5),
        Act("emsp_reserve", 1, "occupied", minor=90),
    ),
    "eMSP reserves, and at once for longer, in vain": (
        Act("emsp_reserve", 0.5),
        Act("emsp_reserve", 0.501, "occupied", minor=90),
    ),
    "eMSP reserves, and is taken back": (Act("emsp_reserve", 0.5, "takes-back"),),
}
ASKING = (
    *(Scenario(name, (Trip(),), acts=acts, roams=True) for name, acts in _OF_A_PARTNER.items()),
    *(Scenario(name, (_LONG,), acts=acts, roams=True) for name, acts in _OF_A_DRIVER.items()),
    *(Scenario(name, (_EMSPS,), acts=acts, roams=True) for name, acts in _OF_AN_EMSP.items()),
    Scenario(
        "eMSP's driver wishes",
        (_EMSPS_LONG,),
        acts=tuple(Act("emsp_prefer", hours, "FAST") for hours in (2.5, 3, 4)),
        roams=True,
    ),
    Scenario(
        "cable of a charger that does not obey",
        (Trip(stops_after=10, obeys=False),),
        acts=(Act("unlock", 2.5),),
        roams=True,
    ),
)

_TAKEN = ("",) * 4 + ("rejected", "occupied", "mute", "slow", "keeps", "takes-back", "late")
_FREED = ("", "", "failed", "rejected", "mute", "slow")
_PROFILES = ("FAST", "CHEAP", "GREEN", "FAST impossible")
_SOON_H = (0.0003, 0.002, 0.02, 0.2, 1)  # a second, …


def any_asking(random: Random) -> Scenario:
    """A day with eMSPs on which chargers are asked for more, often while something else goes on."""
    if random.random() < 0.25:
        return replace(random.choice(ASKING), day=random.choice(DAYS))
    drawn = any_roaming(random)
    asks = random.choice((_reserving, _reserving, _freeing, _wishing))
    return replace(drawn, acts=(*drawn.acts, *asks(random, drawn.trips[0])))


def _reserving(random: Random, trip: Trip) -> tuple[Act, ...]:
    """Up to three for its driver before the trip, some of which are given back."""
    emsp = "" if trip.roams is None else "emsp_"
    acts, after = list[Act](), max(0.1, trip.at / 60 - 2)
    for _ in range(random.choice((1, 1, 2, 3))):
        minutes = random.choice((5, 60, 120))
        acts.append(Act(f"{emsp}reserve", after, random.choice(_TAKEN), minor=minutes))
        after += random.choice(_SOON_H)
        if random.random() < 0.5:
            acts.append(Act(f"{emsp}give_back", after))
            after += random.choice(_SOON_H)
    return tuple(acts)


def _freeing(random: Random, trip: Trip) -> tuple[Act, ...]:
    ends = (trip.at + (trip.starts_after or 0) + min(trip.minutes, trip.stops_after or 400)) / 60
    first = Act("unlock", ends + random.choice((0.05, 0.2, 0.9)), random.choice(_FREED))
    again = replace(first, after=first.after + random.choice(_SOON_H))
    return (first, again) if random.random() < 0.5 else (first,)


def _wishing(random: Random, trip: Trip) -> tuple[Act, ...]:
    emsp = "" if trip.roams is None else "emsp_"
    acts, after = list[Act](), (trip.at + (trip.starts_after or 0) + 8) / 60
    for number in range(random.choice((1, 2, 3))):
        acts.append(Act(f"{emsp}prefer", after, random.choice(_PROFILES), minor=number))
        after += random.choice(_SOON_H)
    return tuple(acts)
