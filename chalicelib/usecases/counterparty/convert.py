"""What is the payee's sum in its own currency, at the last rate published before the cut-off?

What the payee owes is no part of it: a debt stays in its own currency (domain/settlement/debt.py).
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.domain.bank.calendar import last_banking_day
from chalicelib.domain.fx.rates import (
    Conversion,
    CurrencyNotPublished,
    DailyRates,
    NoPublishedRates,
)
from chalicelib.domain.fx.rates import convert as converted
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.payout import conversion_entry
from chalicelib.domain.money import Currency, CurrencyEnded, Money, in_use, total
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import (
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
    remainder,
)
from chalicelib.domain.settlement.whole_units import paid_out
from chalicelib.domain.settlement.window import cut_off
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.margin import margins_of
from chalicelib.usecases.counterparty.hold import held_row
from chalicelib.usecases.counterparty.record import booked, fenced, payable_of, saved
from chalicelib.usecases.rates.rate_on import rate_on
from chalicelib.usecases.records import Record, create, load
from chalicelib.usecases.window.lease import Outcome
from chalicelib.usecases.window.lines import seal_lines

NO_RATE = "no_rate"
BELOW_MINIMUM = "below_minimum"  # less than the payee agreed to be paid at once
# The ECB publishes about 16:00 in Frankfurt; a day's rates are known from then on.
_PUBLISHED_AFTER = timedelta(hours=16)


def convert(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`converted`, or `hold` when the day has no rate, the payee's currency has ended, or the sum
    is below the payee's minimum.
    """
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage is not PayoutStage.SCREENED:
        return {"outcome": "converted"}
    party = load(ports.store, keys.party(payout.party_id), Party, "party").value
    try:
        in_use(party.settlement_currency, ports.clock.now().date())  # owed in it or not
        conversions = _conversions(ports, payout, party.settlement_currency)
    except CurrencyEnded as ended:
        return {"outcome": "hold", "reason": ended.code}
    except (NoPublishedRates, CurrencyNotPublished):
        return {"outcome": "hold", "reason": NO_RATE}
    money, rest = paid_out(total((c.got for c in conversions), party.settlement_currency))
    least = party.payout_minimum
    too_little = least is not None and 0 < money.minor < least.minor
    if too_little or (rest.minor and not money.minor):
        return {"outcome": "hold", "reason": BELOW_MINIMUM}
    _save(ports, record, (money, rest), conversions, attempt)
    return {"outcome": "converted"}


def rates_day(window: WindowId) -> date:
    """The day whose published rates were the last before the window's cut-off."""
    return (cut_off(window) - _PUBLISHED_AFTER).date()


def _save(
    ports: Ports,
    record: Record[Payout],
    sums: tuple[Money, Money],
    conversions: list[Conversion],
    attempt: int,
) -> Record[Payout]:
    at, (money, rest) = ports.clock.now(), sums
    payout = replace(
        record.value,
        money=money,
        rest=rest if rest.minor else None,
        conversions=tuple(c for c in conversions if c.given.currency != money.currency),
    )
    writes: list[Write] = []
    for conversion in payout.conversions:
        name = f"conversion_{conversion.given.currency}"
        account = payable_of(payout)
        entry = conversion_entry(payout.owner, account, conversion, at, name=name)
        payout, put = booked(payout, entry, name, at)
        writes.append(put)
    if rest.minor:
        left = remainder(payout, rest, seal_lines(ports, payout.window, ()))
        writes += [create(keys.payout(left.id), left), held_row(left, at)]
    done = advance(payout, PayoutEvent.CONVERT)
    return saved(ports, record, done, "convert", attempt, *writes)


def _rates(ports: Ports, day: date) -> DailyRates:
    """A weekend takes Friday's; a business day that was not imported waits for its own."""
    rates = rate_on(ports, day)
    if rates.day < last_banking_day(day):
        raise NoPublishedRates(day)
    return rates


def _conversions(ports: Ports, payout: Payout, to: Currency) -> list[Conversion]:
    """Each currency of the sum; the payee's own is not looked up."""
    day = rates_day(payout.window)
    return [
        Conversion(money, money, Decimal(1), day, "")
        if money.currency == to
        else converted(
            money,
            to,
            _rates(ports, day),
            on=day,
            margins=margins_of(ports, payout.parts, money.currency),
        )
        for money in payout.due
    ]
