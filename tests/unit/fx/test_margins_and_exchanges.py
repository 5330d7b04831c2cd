"""What does a margin keep, and what does an exchange on the rail gain or lose?"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.fx.rates import EUR, Conversion, DailyRates, convert
from chalicelib.domain.ids import CHANNEL, PartyId, PayoutId, WindowId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.exchange import ExchangeDiffers, exchange_entry
from chalicelib.domain.ledger.payout import conversion_entry, payable
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.usecases import keys
from chalicelib.usecases.channel.record_exchange import (
    AlreadyExchanged,
    ExchangeRecorded,
    record_exchange,
)
from chalicelib.usecases.party.register import register
from chalicelib.usecases.records import create
from sandbox.memory.ports import MemoryPorts

CHF = Currency("CHF")
RATES = DailyRates(date(2026, 11, 20), {"CHF": Decimal("0.9400")}, "ecb")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
GIVEN = Money(100_000, EUR)
CPO = payable(PartyKind.CPO, PartyId("cpo_1"))
PLAIN = convert(GIVEN, CHF, RATES)
KEPT = convert(GIVEN, CHF, RATES, margins=[(Money(50_000, EUR), Decimal("0.02"))])


def posted(*entries: Entry) -> dict[tuple[str, str], int]:
    found = Counter[tuple[str, str]]()
    for posting in (posting for entry in entries for posting in entry.postings):
        found[str(posting.account), posting.money.currency] += posting.money.minor
    return {key: minor for key, minor in found.items() if minor}


def test_no_margin_is_kept_unless_it_was_agreed() -> None:
    assert (PLAIN.got, PLAIN.margin) == (Money(94_000, CHF), None)


def test_a_margin_is_kept_of_its_own_agreements_part_and_stands_on_its_own_account() -> None:
    assert (KEPT.got, KEPT.margin) == (Money(93_060, CHF), Money(940, CHF))  # 2 % of 470.00
    entry = conversion_entry("payout#1", CPO, KEPT, AT)
    accounts = {(str(p.account), p.money.currency): p.money.minor for p in entry.postings}
    assert accounts["fx_margin", CHF] == -940
    assert accounts["cpo_payable:cpo_1", CHF] == -93_060
    assert (entry.refs["rate"], entry.refs["rate_day"]) == ("0.9400000000", "2026-11-20")
    assert entry.refs["rate_source"] == "ecb"


@pytest.mark.parametrize(
    ("given", "got", "results"),
    [
        (100_000, 94_000, {}),
        (99_700, 94_000, {("fx_gain", "EUR"): -300}),
        (100_400, 94_000, {("fx_loss", "EUR"): 400}),
        (100_000, 93_900, {("fx_loss", "CHF"): 100}),
        (99_700, 93_900, {("fx_gain", "EUR"): -300, ("fx_loss", "CHF"): 100}),
    ],
)
def test_an_exchange_closes_the_position_and_its_result_stands_alone(
    given: int, got: int, results: dict[tuple[str, str], int]
) -> None:
    opened = conversion_entry("payout#1", CPO, PLAIN, AT)
    closed = exchange_entry("receipt#1", Money(given, EUR), Money(got, CHF), [PLAIN], AT)
    found = posted(opened, closed)
    assert not [account for account, _ in found if account == str(Account(Purpose.FX_POSITION))]
    assert {key: minor for key, minor in found.items() if key[0] in {"fx_gain", "fx_loss"}} == (
        results
    )
    assert (found["cash:stripe", "EUR"], found["cash:stripe", "CHF"]) == (-given, got)


def test_an_amount_of_another_size_is_no_rate_and_is_refused() -> None:
    with pytest.raises(ExchangeDiffers):
        exchange_entry("receipt#1", Money(10_000, EUR), Money(94_000, CHF), [PLAIN], AT)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = MemoryPorts()
    register(ports, Party(CHANNEL, PartyKind.CHANNEL, "Us", "DE", EUR, time_zone="Europe/Berlin"))
    for number in (1, 2):
        ports.store.write(create(keys.payout(f"pay_{number}"), _payout(number, PLAIN)))
    return ports


def _payout(number: int, conversion: Conversion) -> Payout:
    return Payout(
        id=PayoutId(f"pay_{number}"),
        window=WindowId("2026-11-19.Europe-Berlin"),
        party_id=PartyId(f"cpo_{number}"),
        kind=PartyKind.CPO,
        stage=PayoutStage.ACCEPTED,
        due=(GIVEN,),
        lines="",
        sessions=1,
        conversions=(conversion,),
    )


def test_an_exchange_is_booked_once_for_all_that_it_closes(ports: MemoryPorts) -> None:
    given, got = Money(199_000, EUR), Money(188_000, CHF)
    made = record_exchange(ports, "fx_1", given, got, ["pay_1", "pay_2"])
    assert record_exchange(ports, "fx_1", given, got, ["pay_1", "pay_2"]) == made
    item = ports.store.get(keys.entry(made.window, made.entry_id))
    assert item is not None
    entry = from_plain(Entry, item.body)
    assert entry.hash == made.entry_hash
    assert posted(entry)["fx_gain", "EUR"] == -1000
    assert entry.refs == {"reference": "fx_1", "payouts": "pay_1,pay_2"}


def test_a_conversion_is_closed_by_one_exchange_only(ports: MemoryPorts) -> None:
    given, got = Money(100_000, EUR), Money(94_000, CHF)
    record_exchange(ports, "fx_1", given, got, ["pay_1"])
    with pytest.raises(AlreadyExchanged):
        record_exchange(ports, "fx_2", given, got, ["pay_1"])
    with pytest.raises(ExchangeRecorded):
        record_exchange(ports, "fx_1", given, replace(got, minor=94_001), ["pay_1"])
    with pytest.raises(Invalid):
        record_exchange(ports, "fx_3", replace(given, currency=Currency("SEK")), got, ["pay_2"])
    for payouts in ([], ["pay_2"] * 91):
        with pytest.raises(Invalid):
            record_exchange(ports, "fx_3", given, got, payouts)
