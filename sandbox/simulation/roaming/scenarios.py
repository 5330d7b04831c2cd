"""Which histories have eMSPs? Named ones, and those of some seeds."""

from dataclasses import replace
from random import Random

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.hub.card import Whitelist
from sandbox.simulation.roams import SILENT, UNKNOWN, Roams
from sandbox.simulation.trip import DAYS, Act, CdrWay, Scenario, Trip, any_scenario

_INVOICE, _PREPAID = PaymentMethod.INVOICE, PaymentMethod.PREPAID
_COMMAND = Trip(method=_INVOICE, roams=Roams())
_OFFLINE = Whitelist.ALLOWED_OFFLINE
_CARD = Trip(method=_INVOICE, result="", at=180, roams=Roams(by_card=True, token="pushed"))


def _card(**roams: object) -> Trip:
    assert _CARD.roams is not None
    return replace(_CARD, roams=replace(_CARD.roams, **roams))  # type: ignore[arg-type] # its own


_ALONE = {  # one eMSP's driver, and nothing beside
    "eMSP commands": _COMMAND,
    "eMSP commands, prepaid, abroad": replace(_COMMAND, method=_PREPAID, cpo=1),
    "eMSP stops": replace(_COMMAND, stops_after=10),
    "eMSP stops what does not obey": replace(_COMMAND, stops_after=10, obeys=False),
    "eMSP's charger refuses": replace(_COMMAND, answer="REJECTED", starts_after=None),
    "eMSP's charger fails": replace(_COMMAND, result="REJECTED", starts_after=None),
    "eMSP's charger is mute": replace(_COMMAND, result="", starts_after=None),
    "eMSP's CDR is pulled": replace(_COMMAND, cdr=CdrWay.PULLED),
    "eMSP's card": _card(),
    "eMSP's card is pulled": _card(token="pulled"),
    "eMSP's card is blocked": _card(token="blocked"),
    "eMSP's card is refused": _card(says="NOT_ALLOWED"),
    "eMSP's card is unknown": _card(says=UNKNOWN),
    "eMSP is silent": _card(says=SILENT),
    "eMSP is silent, its card good offline": _card(says=SILENT, whitelist=_OFFLINE),
    "eMSP need not be asked": _card(whitelist=Whitelist.ALWAYS),
    "eMSP's card is held again": _card(holds_again=20),
}
_BILLED = {  # and what becomes of its bill, or of prices and places
    "eMSP's CDR is taken back": (Act("credit", 5),),
    "eMSP's CDR is replaced": (Act("credit", 30, "again"),),
    "eMSP's driver is paid back": (Act("dispute", 5, minor=500),),
    "eMSP is told of prices and places": (
        Act("place", 1, "CHARGING"),
        Act("tariff", 1.5),
        Act("place", 3, "AVAILABLE"),
        Act("tariff", 4, "withdrawn"),
    ),
}
ROAMING = (
    *(Scenario(name, (trip,), roams=True) for name, trip in _ALONE.items()),
    *(Scenario(name, (_COMMAND,), acts=acts, roams=True) for name, acts in _BILLED.items()),
    Scenario(
        "eMSP beside others", (_COMMAND, Trip(2, at=130), replace(_card(), number=3)), roams=True
    ),
    Scenario("eMSP is away", (_COMMAND,), outage=("emsps", 100, 540), roams=True),
    Scenario(
        "eMSP hears that a CPO is away",
        (replace(_COMMAND, at=480),),
        outage=("cpos", 60, 300),
        acts=tuple(Act("pull", hours) for hours in (1.2, 1.6, 2, 2.5, 3, 4, 7)),
        roams=True,
    ),
    Scenario(
        "eMSP's fleet invoice",
        (_COMMAND,),
        day=DAYS[4],
        acts=(Act("pay_invoice", 5 * 24, minor=1749),),
        roams=True,
    ),
)

_TOKENS = ("pushed", "pushed", "pulled", "blocked")
_SAYS = ("ALLOWED",) * 6 + ("NOT_ALLOWED", "BLOCKED", "NO_CREDIT", SILENT, UNKNOWN)
_BESIDE = (
    lambda r: Act("credit", r.choice((4, 5, 30, 60)), r.choice(("", "again"))),
    lambda r: Act("dispute", r.choice((4, 6, 30)), r.choice(("", "deny")), minor=100),
)
_NEWS = (
    lambda r: Act("pull", r.choice((2, 6, 30))),
    lambda r: Act("place", r.choice((1, 3, 8)), r.choice(("CHARGING", "OUTOFORDER"))),
    lambda r: Act("tariff", r.choice((1, 3, 8)), r.choice(("", "withdrawn"))),
)


def any_roaming(random: Random) -> Scenario:
    """A day on which at least one driver is an eMSP's."""
    if random.random() < 0.25:
        return replace(random.choice(ROAMING), day=random.choice(DAYS))
    drawn = any_scenario(random)
    first, *others = drawn.trips
    trips = (_roaming(random, first), *(_perhaps(random, trip) for trip in others))
    acts = tuple(random.choice(_NEWS)(random) for _ in range(random.choice((0, 0, 1, 2))))
    if random.random() < 0.25:
        acts += (random.choice(_BESIDE)(random),)
    away = ("emsps", random.randrange(1080), random.choice((30, 540)))
    outage = away if random.random() < 0.2 else drawn.outage
    return replace(drawn, trips=trips, acts=acts, outage=outage, roams=True)


def _perhaps(random: Random, trip: Trip) -> Trip:
    return _roaming(random, trip) if random.random() < 0.5 else trip


def _roaming(random: Random, trip: Trip) -> Trip:
    method = random.choice((_INVOICE, _PREPAID))
    whitelist = random.choice(tuple(Whitelist))
    if random.random() < 0.5:
        token = random.choice(("", "", "pushed"))
        return replace(trip, method=method, roams=Roams(token=token, whitelist=whitelist))
    roams = Roams(
        by_card=True,
        token=random.choice(_TOKENS),
        whitelist=whitelist,
        says=random.choice(_SAYS),
        holds_again=random.choice((0, 0, 0, 5, 20, 60)),
    )
    return replace(trip, method=method, answer="ACCEPTED", result="", roams=roams)
