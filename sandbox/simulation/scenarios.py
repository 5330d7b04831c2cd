"""Which markets must a fault-free run have seen? Every way that a session, a payout or a day takes.

The sites that these reach are the denominator of coverage.
"""

from chalicelib.domain.agreement.agreement import PaymentMethod
from sandbox.simulation.trip import DAYS, Act, CdrWay, Scenario, Trip

_CARD, _PREPAID, _INVOICE = PaymentMethod.CARD, PaymentMethod.PREPAID, PaymentMethod.INVOICE
_BANK = "pm_card_authenticationRequired"
_DAYS_MIN = 24 * 60

ORDINARY = (
    Scenario("card", (Trip(),)),
    Scenario("prepaid", (Trip(method=_PREPAID),)),
    Scenario("invoice", (Trip(method=_INVOICE),)),
    Scenario("abroad", (Trip(cpo=1), Trip(2, cpo=1, method=_PREPAID, at=200))),
    Scenario("changes", (Trip(whole=False, reports=2),)),
    Scenario(
        "three at once",
        (Trip(), Trip(2, method=_PREPAID, at=121), Trip(3, method=_INVOICE, at=122, cpo=1)),
    ),
    Scenario("declined", (Trip(card="pm_card_chargeDeclined"),)),
    Scenario("bank asks", (Trip(card=_BANK),)),
    Scenario("bank says no", (Trip(card=_BANK, bank_approves=False),)),
    Scenario("bank is answered late", (Trip(card=_BANK, bank_after=30),)),
    Scenario("bank is not answered", (Trip(card=_BANK, bank_after=None),)),
    Scenario("extended", (Trip(hold_minor=900, kwh=50, minutes=90, reports=2),)),
    Scenario("cannot be extended", (Trip(card="pm_card_amex", hold_minor=900, reports=2),)),
    Scenario("extended, prepaid", (Trip(method=_PREPAID, hold_minor=900, reports=2),)),
    Scenario("charger refuses", (Trip(answer="REJECTED", starts_after=None),)),
    Scenario("charger fails", (Trip(result="REJECTED", starts_after=None),)),
    Scenario(
        "charger fails, prepaid", (Trip(method=_PREPAID, result="REJECTED", starts_after=None),)
    ),
    Scenario("charger is mute", (Trip(result="", starts_after=None),)),
    Scenario("charger starts late", (Trip(result="TIMEOUT", starts_after=20),)),
    Scenario("charger starts after all", (Trip(starts_after=130),)),
    Scenario("charger starts after all, prepaid", (Trip(method=_PREPAID, starts_after=130),)),
    Scenario("stopped", (Trip(stops_after=10),)),
    Scenario("stopped at once", (Trip(card=_BANK, stops_after=0),)),
    Scenario("stopped at once, prepaid", (Trip(method=_PREPAID, stops_after=0),)),
    Scenario("does not obey", (Trip(stops_after=10, obeys=False),)),
    Scenario("void", (Trip(ends="INVALID", cdr=CdrWay.NEVER),)),
    Scenario("falls silent", (Trip(ends="", cdr=CdrWay.NEVER, obeys=False),)),
    Scenario("nothing charged", (Trip(kwh=0),)),
    Scenario("nothing charged, no CDR", (Trip(kwh=0, cdr=CdrWay.NEVER),)),
    Scenario("CDR is pulled", (Trip(cdr=CdrWay.PULLED),)),
    Scenario("CDR is pulled at night", (Trip(at=780, cdr=CdrWay.PULLED, cdr_after=150),)),
    Scenario("CDR never comes", (Trip(cdr=CdrWay.NEVER),)),
    Scenario("CDR comes after days", (Trip(cdr=CdrWay.LATE, cdr_after=2 * _DAYS_MIN),)),
    Scenario(
        "CDR comes after days, lower",
        (Trip(cdr=CdrWay.LATE, cdr_after=2 * _DAYS_MIN, claims="0.5"),),
    ),
    Scenario(
        "CDR comes when the hold is gone",
        (Trip(cdr=CdrWay.LATE, cdr_after=9 * _DAYS_MIN, method=_PREPAID),),
    ),
    Scenario("CDR claims more", (Trip(claims="1.5"),)),
    Scenario("CDR claims nothing", (Trip(claims="0"),)),
    Scenario("CDR is told twice", (Trip(told_twice=True),)),
    Scenario("CDR is unfit first", (Trip(unfit_first=True, cdr=CdrWay.PULLED),)),
    Scenario("over midnight", (Trip(at=950, minutes=90),)),
    Scenario("payout fails", (Trip(),), payout_fate="failed"),
    Scenario("payout comes back", (Trip(),), payout_fate="returned"),
    Scenario("no money on the rail", (Trip(),), float_minor=500, funded_after=30),
    Scenario("a friday", (Trip(at=600),), day=DAYS[1]),
    Scenario("a day of 23 hours", (Trip(at=600), Trip(2, at=1000, cpo=1)), day=DAYS[2]),
    Scenario("a day of 25 hours", (Trip(at=600), Trip(2, at=1000, cpo=1)), day=DAYS[3]),
    Scenario("the year's end", (Trip(at=600), Trip(2, at=1000)), day=DAYS[4]),
    Scenario("provider is away for a day", (Trip(at=300),), outage=("payments", 365, 26 * 60)),
    Scenario("rail is away at night", (Trip(),), outage=("payouts", 960, 300)),
    Scenario(
        "CPO is away for all pulls", (Trip(cdr=CdrWay.PULLED),), outage=("cpos", 190, 26 * 60)
    ),
    Scenario("CPO is away", (Trip(cdr=CdrWay.PULLED),), outage=("cpos", 130, 600)),
    Scenario("paid by bank", (Trip(),), acts=(Act("bank", 1),)),
    Scenario(
        "paid by bank, while a payout is asked for",
        (Trip(),),
        acts=(Act("bank", 16 + 15 / 60 + 1 / 3600),),  # a second after the window's first steps
    ),
    Scenario("bank refuses", (Trip(),), acts=(Act("bank", 1, "refused"),)),
    Scenario("bank fails", (Trip(),), acts=(Act("bank", 1, "fails"),)),
    Scenario("bank transfer comes back", (Trip(),), acts=(Act("bank", 1, "returns"),)),
    Scenario("debit", (Trip(card="debit_pays"),)),
    Scenario(
        "debit comes back",
        (Trip(card="debit_pays"),),
        acts=(Act("chargeback", 7 * 24, "debit_not_authorized lost"),),
    ),
    Scenario("debit fails", (Trip(card="debit_fails"),)),
    Scenario("dispute granted", (Trip(),), acts=(Act("dispute", 5, minor=500),)),
    Scenario("dispute granted, all of it", (Trip(),), acts=(Act("dispute", 30),)),
    Scenario(
        "refund comes back",
        (Trip(),),
        acts=(Act("dispute", 5, minor=500), Act("refund_returns", 20)),
    ),
    Scenario(
        "refund comes back, untold",
        (Trip(),),
        acts=(Act("dispute", 5, minor=500), Act("refund_returns", 20, "untold")),
    ),
    Scenario("dispute denied", (Trip(),), acts=(Act("dispute", 5, "deny"),)),
    Scenario(
        "dispute above the limit",
        (Trip(method=_PREPAID),),
        acts=(Act("limit", 1, minor=100), Act("dispute", 5, minor=500)),
    ),
    Scenario("chargeback lost", (Trip(),), acts=(Act("chargeback", 5, "fraudulent lost"),)),
    Scenario(
        "chargeback lost, not delivered",
        (Trip(),),
        acts=(Act("chargeback", 30, "product_not_received lost"),),
    ),
    Scenario(
        "chargeback lost before the CDR",
        (Trip(cdr=CdrWay.LATE, cdr_after=4 * _DAYS_MIN),),
        acts=(Act("chargeback", 30, "product_not_received lost"),),
    ),
    Scenario(
        "chargeback lost, untold", (Trip(),), acts=(Act("chargeback", 5, "fraudulent lost untold"),)
    ),
    Scenario(
        "chargeback lost, set off",
        (Trip(), Trip(2, at=2 * _DAYS_MIN + 120)),
        acts=(Act("chargeback", 5, "product_not_received lost"),),
    ),
    Scenario(  # no webhook comes: the provider's list of events has it
        "chargeback won", (Trip(),), acts=(Act("chargeback", 5, "fraudulent won unsent"),)
    ),
    Scenario("CDR is taken back", (Trip(),), acts=(Act("credit", 5),)),
    Scenario("CDR is replaced", (Trip(),), acts=(Act("credit", 5, "again"),)),
    Scenario(
        "CDR is replaced, prepaid", (Trip(method=_PREPAID),), acts=(Act("credit", 30, "again"),)
    ),
    Scenario(
        "top-ups",
        (Trip(method=_PREPAID),),
        acts=(
            Act("top_up", 1, "pm_card_visa", minor=2_500),
            Act("top_up", 2, "pm_sepa_pays"),
            Act("top_up", 2.5, "pm_sepa_fails"),
            Act("top_up", 3, "pm_card_chargeDeclined"),
        ),
    ),
    Scenario("method is saved", (Trip(),), acts=(Act("save_method", 0.5, minor=6),)),
    Scenario("partner's endpoint", (Trip(),), acts=(Act("endpoint", 0.5, minor=40),)),
    Scenario("partner's endpoint is away", (Trip(),), acts=(Act("endpoint", 0.5, "away"),)),
    Scenario("two people", (Trip(),), acts=(Act("limit", 1, minor=100),)),
    Scenario("staff hold", (Trip(),), acts=(Act("hold", 1, minor=40),)),
    Scenario(
        "fleet invoice",
        (Trip(method=_INVOICE),),
        day=DAYS[4],
        acts=(Act("pay_invoice", 5 * 24, minor=1749),),
    ),
    Scenario(
        "the house's own schedules",
        (Trip(),),
        acts=(
            Act("schedule", 4, "forecast_hourly"),
            Act("schedule", 8, "import_rates"),
            Act("schedule", 8.1, "count_volumes"),
            Act("schedule", 47, "reconcile_nightly"),
            Act("schedule", 50, "overdue"),
            Act("schedule", 50.1, "invoice_due"),
        ),
    ),
    Scenario(
        "top-up is taken back",
        (Trip(method=_PREPAID),),
        acts=(Act("top_up", 1, "pm_card_visa"), Act("take_back", 9, "lost")),
    ),
    Scenario(
        "top-up is taken back, and not",
        (Trip(method=_PREPAID),),
        acts=(Act("top_up", 1, "pm_sepa_pays"), Act("take_back", 130, "won")),
    ),
    Scenario("money is exchanged", (Trip(cpo=1),), acts=(Act("exchange", 40),)),
    Scenario("charges for a week", (Trip(minutes=7 * _DAYS_MIN, reports=60),), days=24),
    Scenario(
        "a payee owes us",
        (Trip(),),
        acts=(
            Act("chargeback", 60, "product_not_received lost"),
            Act("schedule", 40 * 24, "invoice_due"),
            Act("pay_claim", 41 * 24, minor=1000),
        ),
        days=45,
    ),
)
