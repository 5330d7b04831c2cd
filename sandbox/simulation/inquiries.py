"""Which histories have an inquiry of a driver's bank? Named ones, and those of some seeds."""

from dataclasses import replace
from random import Random

from chalicelib.domain.agreement.agreement import PaymentMethod
from sandbox.simulation.trip import CARDS, DAYS, Act, CdrWay, Scenario, Trip, any_scenario

_DAYS_MIN = 24 * 60

INQUIRIES = (
    Scenario("inquiry ends", (Trip(),), acts=(Act("inquiry", 5, "general ends"),)),
    Scenario(
        "inquiry ends while the driver is paid back",
        (Trip(),),
        acts=(Act("inquiry", 5, "general lost"), Act("dispute", 8, minor=500)),
    ),
    Scenario(
        "inquiry becomes a chargeback",
        (Trip(),),
        acts=(Act("inquiry", 5, "product_not_received lost"),),
    ),
    Scenario(
        "inquiry becomes a chargeback before the CDR",
        (Trip(cdr=CdrWay.LATE, cdr_after=4 * _DAYS_MIN),),
        acts=(Act("inquiry", 30, "fraudulent lost"),),
    ),
    Scenario(
        "inquiry becomes a chargeback, unsent",
        (Trip(),),
        acts=(Act("inquiry", 5, "general won unsent"),),
    ),
    Scenario(
        "inquiry becomes a chargeback, untold",
        (Trip(),),
        acts=(Act("inquiry", 5, "fraudulent lost untold"),),
    ),
)

_REASONS = ("general", "fraudulent", "product_not_received", "credit_not_processed")
_BESIDE = (
    lambda r: Act("dispute", r.choice((6, 12, 30)), r.choice(("", "", "deny"))),
    lambda r: Act("dispute", r.choice((6, 30, 60)), minor=r.choice((100, 333))),
)


def any_inquiry(random: Random) -> Scenario:
    """A day on which a card was charged, and its bank asks; often something else goes on, too."""
    if random.random() < 0.25:
        return replace(random.choice(INQUIRIES), day=random.choice(DAYS))
    drawn = any_scenario(random)
    first = replace(drawn.trips[0], method=PaymentMethod.CARD, card=CARDS[0])
    if random.random() < 0.5:
        first = replace(first, cdr=CdrWay.PUSHED)  # and so it is paid when its bank asks
    acts = [Act("inquiry", random.choice((3, 5, 12, 30, 60)), _word(random))]
    if acts[0].word.split()[1] == "ends" and random.random() < 0.25:
        # One that comes after a bank took the money is for people (usecases/dispute/credit.py).
        acts.append(Act("credit", random.choice((5, 12, 30)), random.choice(("", "again"))))
    elif random.random() < 0.5:
        acts.append(random.choice(_BESIDE)(random))
    return replace(drawn, trips=(first, *drawn.trips[1:]), acts=tuple(acts))


def _word(random: Random) -> str:
    outcome = random.choice(("ends", "ends", "won", "lost", "lost"))
    untold = random.choice(("", "", "", " unsent", " untold"))
    return f"{random.choice(_REASONS)} {outcome}{untold}"
