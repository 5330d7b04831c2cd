from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import CHANNEL, AgreementId, PartyId
from chalicelib.domain.ledger.book import balances
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import CurrenciesDiffer, Currency, Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.partner.credit import (
    Balance,
    FundsTooLow,
    balances_of,
    extend_reservation,
    give_back,
    refund,
    reserve,
    settle,
)
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.partner.receipt import ReceiptDiffers
from chalicelib.usecases.partner.top_up import top_up
from chalicelib.usecases.party.register import register
from sandbox.memory.ports import MemoryPorts

EUR, SEK = Currency("EUR"), Currency("SEK")
PARTNER = PartyId("par_1")
PREPAID = Agreement(
    id=AgreementId("agr_1"),
    partner_id=PARTNER,
    cpo_id=PartyId("*"),
    commission=Decimal("0.08"),
    partner_share=Decimal("0.5"),
    payment_method=PaymentMethod.PREPAID,
    since=date(2026, 1, 1),
)
INVOICE = replace(PREPAID, payment_method=PaymentMethod.INVOICE, credit_limit=Money(10000, EUR))


def euros(minor: int) -> Money:
    return Money(minor, EUR)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = MemoryPorts()
    register(ports, Party(CHANNEL, PartyKind.CHANNEL, "Channel", "DE", EUR, time_zone="UTC"))
    register(ports, Party(PARTNER, PartyKind.PARTNER, "Insurer", "DE", EUR))
    register(ports, Party(PartyId("cpo_1"), PartyKind.CPO, "CPO", "DE", EUR))
    return ports


def only(ports: MemoryPorts) -> Balance:
    (found,) = balances_of(ports, PARTNER)
    assert found.funded - found.used - found.reserved == found.available
    return found


def booked(ports: MemoryPorts) -> dict[str, int]:
    entries = [
        from_plain(Entry, body) for name, body in ports.store.dump().items() if "entry#" in name
    ]
    return {str(a): amounts[EUR] for a, amounts in balances(entries).items()}


def test_a_top_up_is_booked_once_however_often_it_is_told(ports: MemoryPorts) -> None:
    first = top_up(ports, PARTNER, euros(50000), "tu_1", fee=euros(100))
    ports.clock.forward(hours=30)
    again = top_up(ports, PARTNER, euros(50000), "tu_1", fee=euros(100))
    assert first == again
    assert first.window == "2026-11-16.UTC"
    assert only(ports).available == euros(50000)
    assert booked(ports) == {"cash:stripe": 49900, "psp_fee": 100, "prepaid:par_1": -50000}


def test_the_same_reference_with_another_amount_is_a_conflict(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(50000), "tu_1")
    with pytest.raises(ReceiptDiffers):
        top_up(ports, PARTNER, euros(50001), "tu_1")
    assert only(ports).available == euros(50000)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_top_up_is_above_zero(ports: MemoryPorts, minor: int) -> None:
    with pytest.raises(Invalid):
        top_up(ports, PARTNER, euros(minor), "tu_1")


def test_only_partners_have_a_balance(ports: MemoryPorts) -> None:
    with pytest.raises(Invalid):
        top_up(ports, PartyId("cpo_1"), euros(1), "tu_1")
    with pytest.raises(NotFound):
        top_up(ports, PartyId("par_2"), euros(1), "tu_1")


def test_a_top_up_is_spread_so_that_sessions_do_not_queue(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(10001), "tu_1")
    parts = [ports.store.get(keys.allotment(PARTNER, number, "prepaid#EUR")) for number in range(4)]
    assert [part.body["funded"] for part in parts if part] == [2501, 2500, 2500, 2500]


def test_a_session_reserves_settles_and_gives_the_rest_back(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(10000), "tu_1")
    held = reserve(ports, PREPAID, euros(2000))
    assert held.payment.state is PaymentState.AUTHORISED
    assert len(held.writes) == 1
    ports.store.write(*held.writes)
    assert only(ports).reserved == euros(2000)
    billed = settle(ports, PARTNER, held.payment, euros(1749))
    ports.store.write(*billed.writes)
    assert (billed.payment.state, billed.payment.captured) == (
        PaymentState.CAPTURED,
        euros(1749),
    )
    found = only(ports)
    assert (found.used, found.reserved, found.available) == (euros(1749), euros(0), euros(8251))


def test_a_session_that_was_not_billed_gives_everything_back(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(10000), "tu_1")
    held = reserve(ports, PREPAID, euros(7000))
    ports.store.write(*held.writes)
    released = give_back(ports, PARTNER, held.payment)
    ports.store.write(*released.writes)
    assert released.payment.state is PaymentState.RELEASED
    assert only(ports).available == euros(10000)


def test_when_no_allotment_suffices_alone_several_are_used(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(10000), "tu_1")
    held = reserve(ports, PREPAID, euros(9999))
    assert len(held.writes) == 4
    ports.store.write(*held.writes)
    assert only(ports).available == euros(1)


def test_nothing_is_reserved_beyond_the_balance(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(1000), "tu_1")
    with pytest.raises(FundsTooLow) as refused:
        reserve(ports, PREPAID, euros(1001))
    assert (refused.value.needed, refused.value.left) == (euros(1001), euros(1000))
    assert "top up" in refused.value.how_to_fix


def test_a_balance_in_another_currency_is_no_balance(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(1000), "tu_1")
    with pytest.raises(FundsTooLow):
        reserve(ports, PREPAID, Money(100, SEK))


def test_two_sessions_that_take_the_last_money_together_do_not_both_get_it(
    ports: MemoryPorts,
) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    one, other = (reserve(ports, PREPAID, euros(4000)) for _ in range(2))
    ports.store.write(*one.writes)
    with pytest.raises(WriteConflict):
        ports.store.write(*other.writes)
    with pytest.raises(FundsTooLow):
        reserve(ports, PREPAID, euros(4000))


def test_a_reservation_is_raised_while_there_is_money(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    held = reserve(ports, PREPAID, euros(1000))
    ports.store.write(*held.writes)
    more = extend_reservation(ports, PARTNER, held.payment, euros(3500))
    assert more is not None
    assert more.payment.hold == euros(3500)
    ports.store.write(*more.writes)
    assert only(ports).reserved == euros(3500)
    assert extend_reservation(ports, PARTNER, more.payment, euros(4001)) is None
    ports.store.write(*settle(ports, PARTNER, more.payment, euros(3400)).writes)
    assert only(ports).available == euros(600)


def test_a_bill_above_the_purse_is_owed_and_the_next_top_up_fills_that_first(
    ports: MemoryPorts,
) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    held = reserve(ports, PREPAID, euros(1000))
    ports.store.write(*held.writes)
    billed = settle(ports, PARTNER, held.payment, euros(4500))
    ports.store.write(*billed.writes)
    assert (billed.payment.captured, billed.payment.reason) == (euros(4500), "funds_too_low")
    (owing,) = balances_of(ports, PARTNER)
    assert (owing.used, owing.available) == (euros(4500), euros(0))
    top_up(ports, PARTNER, euros(1000), "tu_2")
    assert only(ports).available == euros(500)


def test_a_charger_that_reports_after_the_reservation_was_given_back_is_paid_from_the_balance(
    ports: MemoryPorts,
) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    held = reserve(ports, PREPAID, euros(1000))
    ports.store.write(*held.writes)
    released = give_back(ports, PARTNER, held.payment)
    ports.store.write(*released.writes)
    billed = settle(ports, PARTNER, released.payment, euros(900))
    ports.store.write(*billed.writes)
    found = only(ports)
    assert (found.used, found.reserved, found.available) == (euros(900), euros(0), euros(3100))


def test_a_refund_goes_back_to_the_balance(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    held = reserve(ports, PREPAID, euros(1000))
    ports.store.write(*held.writes)
    billed = settle(ports, PARTNER, held.payment, euros(900))
    ports.store.write(*billed.writes)
    back = refund(ports, PARTNER, billed.payment, euros(300))
    ports.store.write(*back.writes)
    assert (back.payment.state, back.payment.refunded) == (PaymentState.REFUNDED, euros(300))
    assert only(ports).available == euros(3400)


def test_a_credit_limit_is_used_up_and_comes_back_when_the_invoice_is_paid(
    ports: MemoryPorts,
) -> None:
    make_agreement(ports, INVOICE)
    held = reserve(ports, INVOICE, euros(10000))
    ports.store.write(*held.writes)
    with pytest.raises(FundsTooLow, match="credit"):
        reserve(ports, INVOICE, euros(1))
    ports.store.write(*settle(ports, PARTNER, held.payment, euros(9000)).writes)
    assert only(ports).available == euros(1000)
    pay_invoice(ports, PARTNER, euros(5000), "bank_1")
    pay_invoice(ports, PARTNER, euros(5000), "bank_1")
    assert only(ports).available == euros(6000)
    assert booked(ports) == {"cash:stripe": 5000, "invoice_receivable:par_1": -5000}


def test_a_lower_limit_refuses_new_sessions_but_lets_running_ones_be_billed(
    ports: MemoryPorts,
) -> None:
    make_agreement(ports, INVOICE)
    held = reserve(ports, INVOICE, euros(8000))
    ports.store.write(*held.writes)
    lower = replace(
        INVOICE,
        id=AgreementId("agr_2"),
        replaces=INVOICE.id,
        since=date(2026, 11, 16),
        credit_limit=euros(4000),
    )
    make_agreement(ports, lower)
    with pytest.raises(FundsTooLow):
        reserve(ports, INVOICE, euros(1))
    billed = settle(ports, PARTNER, held.payment, euros(8000))
    ports.store.write(*billed.writes)
    assert billed.payment.captured == euros(8000)
    (found,) = balances_of(ports, PARTNER)
    assert (found.funded, found.used, found.available) == (euros(4000), euros(8000), euros(0))


def test_an_extension_in_another_currency_is_refused(ports: MemoryPorts) -> None:
    top_up(ports, PARTNER, euros(4000), "tu_1")
    held = reserve(ports, PREPAID, euros(1000))
    with pytest.raises(CurrenciesDiffer):
        extend_reservation(ports, PARTNER, held.payment, Money(2000, SEK))


def test_the_float_is_booked_once(ports: MemoryPorts) -> None:
    assert add_float(ports, euros(9000), "tu_2") == add_float(ports, euros(9000), "tu_2")
    assert booked(ports) == {"cash:stripe": 9000, "float": -9000}
