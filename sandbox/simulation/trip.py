"""What is one driver's visit to a charger like, and what does its CPO make of it?"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from random import Random

from chalicelib.domain.agreement.agreement import PaymentMethod
from sandbox.simulation.roams import Roams

# An ordinary Monday; a Friday before the banks' weekend; the days whose nights have 23 and 25
# hours; the year's end.
DAYS = (
    datetime(2026, 11, 16, 7, tzinfo=UTC),
    datetime(2026, 11, 20, 7, tzinfo=UTC),
    datetime(2026, 3, 28, 7, tzinfo=UTC),
    datetime(2026, 10, 24, 7, tzinfo=UTC),
    datetime(2026, 12, 30, 7, tzinfo=UTC),
)


class CdrWay(StrEnum):
    """How a CDR comes to us."""

    PUSHED = "pushed"
    PULLED = "pulled"  # it can be pulled, and is never sent
    LATE = "late"  # neither for days
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Trip:
    """Everything that is not our doing. Minutes count from the request, or from the charge's end.

    `starts_after`: None is never. `stops_after`: when the partner asks to stop; None is never.
    """

    number: int = 1
    cpo: int = 0
    method: PaymentMethod = PaymentMethod.CARD
    card: str = "pm_card_visa"
    bank_after: int | None = 2  # when the driver takes the bank's extra step
    bank_approves: bool = True
    hold_minor: int = 3000
    at: int = 120
    answer: str = "ACCEPTED"
    result: str = "ACCEPTED"
    starts_after: int | None = 1
    minutes: int = 60
    kwh: int = 30
    reports: int = 1
    whole: bool = True  # each push is a PUT
    ends: str = "COMPLETED"  # INVALID, or "" for a charger that falls silent
    obeys: bool = True
    stops_after: int | None = None
    cdr: CdrWay = CdrWay.PUSHED
    cdr_after: int = 5
    claims: str = "1"  # the CDR's cost as a multiple of the tariff's
    told_twice: bool = False
    unfit_first: bool = False  # a CDR in a wrong currency comes before the good one
    roams: Roams | None = None  # of an eMSP that speaks OCPI; None: started by the partner's API


@dataclass(frozen=True, slots=True)
class Act:
    """What people, partners, drivers' banks and CPOs do beside charging (acts.py, by `what`).

    `after` is in hours from the morning. `trip`: about whose visit. `word`: how it goes on.
    """

    what: str
    after: float
    word: str = ""
    trip: int = 1
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """`payout_fate`: what becomes of the first payout at the payee's bank ("", failed, returned).

    `float_minor` is the channel's own money on the rail when it begins.
    """

    name: str
    trips: tuple[Trip, ...]
    day: datetime = DAYS[0]
    payout_fate: str = ""
    float_minor: int = 1_000_000
    funded_after: int = 0  # hours until the float is topped up, should it be small
    outage: tuple[str, int, int] = field(default=("", 0, 0))  # port, first minute, minutes
    nights: bool = True  # its windows are settled too; else it ends with the day
    acts: tuple[Act, ...] = ()
    days: int = 16  # after which nothing more is to be expected
    roams: bool = False  # eMSPs that speak OCPI are there, and some of the trips are their drivers'

    @property
    def is_small(self) -> bool:
        """One visit, until it is billed, paid and proved; the night is another's."""
        return len(self.trips) == 1 and not (self.nights or self.acts or self.roams)


_METHODS = (PaymentMethod.CARD, PaymentMethod.CARD, PaymentMethod.PREPAID, PaymentMethod.INVOICE)
CARDS = (
    "pm_card_visa",
    "pm_card_amex",
    "pm_card_authenticationRequired",
    "pm_card_chargeDeclined",
)
# Drivers who pay by direct debit: what is debited is paid days later, or is not.
DEBITS = {
    "debit_pays": "sepa:cus_1/pm_sepa_pays",
    "debit_fails": "sepa:cus_2/pm_sepa_fails",
}


def drawn(random: Random, number: int) -> Trip:
    """A visit as they come: most go well, some in any of the ways that they can go wrong."""
    trip = Trip(
        number=number,
        cpo=int(random.random() < 0.2),
        method=random.choice(_METHODS),
        card=random.choice((*CARDS, *DEBITS)) if random.random() < 0.4 else CARDS[0],
        hold_minor=random.choice((3000, 3000, 1500, 900)),
        at=random.randrange(960, 1080) if random.random() < 0.2 else random.randrange(840),
        minutes=random.choice((20, 20, 60, 90)),
        kwh=random.choice((5, 20, 30, 50)),
        reports=random.choice((0, 1, 2)),
        whole=random.random() < 0.5,
        cdr=random.choice((CdrWay.PUSHED, CdrWay.PUSHED, CdrWay.PUSHED, CdrWay.PULLED)),
        cdr_after=random.choice((1, 5, 90)),
    )
    return replace(trip, **random.choice(_TWISTS)(random)) if random.random() < 0.4 else trip


_TWISTS = (
    lambda _: {"answer": "REJECTED", "starts_after": None},
    lambda _: {"result": "REJECTED", "starts_after": None},
    lambda _: {"result": "TIMEOUT"},
    lambda _: {"result": "", "starts_after": None},
    lambda r: {"starts_after": r.choice((20, 45, 130))},
    lambda r: {"bank_after": r.choice((None, 14, 30)), "bank_approves": r.random() < 0.5},
    lambda r: {"stops_after": r.choice((0, 1, 2, 10, 30)), "obeys": r.random() < 0.8},
    lambda _: {"ends": "INVALID", "cdr": CdrWay.NEVER},
    lambda r: {"ends": "", "cdr": r.choice((CdrWay.NEVER, CdrWay.PULLED))},
    lambda _: {"cdr": CdrWay.NEVER},
    lambda r: {"cdr": CdrWay.LATE, "cdr_after": r.choice((30, 60, 9 * 24)) * 60},
    lambda r: {"claims": r.choice(("1.5", "0.5", "0"))},
    lambda _: {"told_twice": True},
    lambda _: {"unfit_first": True},
    lambda _: {"kwh": 0},
    lambda _: {"minutes": 400},
)


_BANKS_SAY = (
    *("fraudulent lost", "fraudulent won", "product_not_received lost"),
    *("debit_not_authorized lost", "debit_not_authorized won"),
)
_SOURCES = ("pm_card_visa", "pm_card_visa", "pm_sepa_pays", "pm_sepa_fails")
_ABOUT_A_TRIP = (
    lambda r: Act("dispute", r.choice((4, 6, 30, 60)), r.choice(("", "", "deny"))),
    lambda r: Act("dispute", r.choice((4, 6, 30)), minor=r.choice((100, 101, 333))),
    lambda r: Act("chargeback", r.choice((5, 30, 60)), r.choice(_BANKS_SAY)),
    lambda r: Act("credit", r.choice((4, 5, 30, 60)), r.choice(("", "again", "again"))),
)
_BESIDE = (
    lambda r: Act("top_up", r.choice((1, 3, 20)), r.choice(_SOURCES), minor=r.choice((0, 2500))),
    lambda r: Act("save_method", r.choice((0.5, 1.5)), minor=r.choice((6, 30))),
    lambda r: Act("endpoint", r.choice((0.1, 1)), r.choice(("", "away")), minor=60),
    lambda r: Act("bank", 1, r.choice(("", "", "refused", "fails", "returns"))),
    lambda r: Act("limit", 1, minor=r.choice((100, 1500))),
    lambda r: Act("hold", r.choice((1, 20)), minor=r.choice((20, 40))),
    lambda r: Act("exchange", r.choice((40, 60))),
    lambda r: Act("schedule", r.choice((24, 47)), "reconcile_nightly"),
)


def _acts(random: Random, trips: int) -> tuple[Act, ...]:
    """Beside charging: mostly nothing."""
    acts = list[Act]()
    if random.random() < 0.12:
        acts.append(replace(random.choice(_ABOUT_A_TRIP)(random), trip=random.randrange(trips) + 1))
    if random.random() < 0.12:
        acts.append(random.choice(_BESIDE)(random))
    return tuple(acts)


def any_scenario(random: Random) -> Scenario:
    """A small market's day: one to three visits, on a day of its own kind."""
    trips = tuple(drawn(random, n + 1) for n in range(random.choice((1, 1, 1, 1, 1, 2, 2, 3))))
    short_of_money = random.random() < 0.06
    outage = ("", 0, 0)
    if random.random() < 0.1:
        port = random.choice(("payments", "payouts", "cpos"))
        outage = (port, random.randrange(1440), random.choice((30, 600, 26 * 60)))
    return Scenario(
        "any",
        trips,
        day=random.choice(DAYS),
        payout_fate=random.choice(("",) * 12 + ("failed", "returned")),
        float_minor=500 if short_of_money else 1_000_000,
        funded_after=random.choice((30, 60)) if short_of_money else 0,
        outage=outage,
        nights=random.random() < 0.25,
        acts=_acts(random, len(trips)),
    )
