"""What is the payee's sum in its own currency, at the last rate published before the cut-off?"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.domain.fx.rates import (
    Conversion,
    CurrencyNotPublished,
    NoPublishedRates,
)
from chalicelib.domain.fx.rates import convert as converted
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.payout import conversion_entry
from chalicelib.domain.money import Currency, Money, total
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, PayoutStage, advance
from chalicelib.domain.settlement.window import cut_off
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import booked, fenced, payable_of, saved
from chalicelib.usecases.rates.rate_on import rate_on
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.lease import Outcome

NO_RATE = "no_rate"
OWES_US = "owes_us"  # the sum is negative: the next window sets it off
# The ECB publishes about 16:00 in Frankfurt; a day's rates are known from then on.
_PUBLISHED_AFTER = timedelta(hours=16)


def convert(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`converted`, `nothing_due`, or `hold` when there is no rate or the payee owes us."""
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage is not PayoutStage.SCREENED:
        return {"outcome": _after(payout)}
    party = load(ports.store, keys.party(payout.party_id), Party, "party").value
    try:
        conversions = _conversions(ports, payout, party.settlement_currency)
    except (NoPublishedRates, CurrencyNotPublished):
        return {"outcome": "hold", "reason": NO_RATE}
    money = total((c.got for c in conversions), party.settlement_currency)
    if money.minor < 0:
        return {"outcome": "hold", "reason": OWES_US}
    return {"outcome": _after(_save(ports, record, money, conversions, attempt).value)}


def rates_day(window: WindowId) -> date:
    """The day whose published rates were the last before the window's cut-off."""
    return (cut_off(window) - _PUBLISHED_AFTER).date()


def _save(
    ports: Ports,
    record: Record[Payout],
    money: Money,
    conversions: list[Conversion],
    attempt: int,
) -> Record[Payout]:
    at = ports.clock.now()
    payout = replace(
        record.value,
        money=money,
        conversions=tuple(c for c in conversions if c.given.currency != money.currency),
    )
    writes: list[Write] = []
    for conversion in payout.conversions:
        name = f"conversion_{conversion.given.currency}"
        account = payable_of(payout)
        entry = conversion_entry(payout.owner, account, conversion, at, name=name)
        payout, put = booked(payout, entry, name, at)
        writes.append(put)
    event = PayoutEvent.CONVERT if money.minor else PayoutEvent.NOTHING
    payout = advance(payout, event)
    if event is PayoutEvent.NOTHING:
        payout = replace(payout, accepted_at=at, credited_at=at)
    return saved(ports, record, payout, "convert", attempt, *writes)


def _conversions(ports: Ports, payout: Payout, to: Currency) -> list[Conversion]:
    """Each currency of the sum; the payee's own is not looked up."""
    day = rates_day(payout.window)
    return [
        Conversion(money, money, Decimal(1), day, "")
        if money.currency == to
        else converted(money, to, rate_on(ports, day))
        for money in payout.due
    ]


def _after(payout: Payout) -> str:
    return "nothing_due" if payout.stage is PayoutStage.NOTHING_DUE else "converted"
