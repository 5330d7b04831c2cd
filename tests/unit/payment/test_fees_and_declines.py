"""What does a payment cost by the provider's own word, and why was one not to be had?"""

import pytest

from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.money import Money
from chalicelib.domain.payment.decline import DeclineReason, reason_of
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.payments import HoldState, PaymentRefused
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.cards import DECLINES
from sandbox.memory.world import EUR, World


def test_a_capture_is_booked_when_its_fee_is_known() -> None:
    world = World()
    session = world.charge()
    world.ports.payments.fees_late = True
    session = world.bill(session)
    assert session.payment.state is PaymentState.CAPTURE_REQUESTED
    assert "cash" not in world.entries(session)
    world.ports.payments.fees_late = False
    for _ in range(3):
        world.ports.clock.forward(minutes=10)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    fees = [
        posting.money.minor
        for posting in world.entries(session)["cash"].postings
        if posting.account.purpose is Purpose.PSP_FEE
    ]
    assert (session.payment.fee, fees) == (Money(51, EUR), [51])
    assert [name for name, _ in world.ports.payments.calls].count("capture") == 1


@pytest.mark.parametrize(("card", "code"), DECLINES.items())
def test_a_decline_has_our_word_for_partners_and_the_provider_s_in_the_record(
    card: str, code: str
) -> None:
    session = World(card=card).start()
    assert session.state is SessionState.REFUSED
    assert session.reason == f"payment_{reason_of(code).value}"
    assert session.payment.reason == code


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
        ("generic_decline", DeclineReason.DECLINED),
        ("a_code_of_next_year", DeclineReason.DECLINED),
        ("stolen_card", DeclineReason.DECLINED),
        ("payment_intent_authentication_failure", DeclineReason.AUTHENTICATION_FAILED),
        ("expired", DeclineReason.HOLD_LAPSED),
        ("issuer_not_available", DeclineReason.TRY_AGAIN),
    ],
)
def test_codes_have_stable_words(code: str, word: DeclineReason) -> None:
    assert reason_of(code) is word


def test_staff_may_read_that_a_card_was_lost_or_stolen_and_partners_may_not() -> None:
    assert reason_of("lost_card", to_partner=False) is DeclineReason.LOST_OR_STOLEN
    assert reason_of("lost_card") is DeclineReason.DECLINED


def test_a_failed_capture_leaves_a_driver_s_debt_and_the_cpo_is_paid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    session = world.charge()

    def refused(*_: object) -> None:
        raise PaymentRefused("expired_card", "no")

    monkeypatch.setattr(world.ports.payments, "capture", refused)
    session = world.bill(session)
    assert session.payment.state is PaymentState.CAPTURE_FAILED
    entries = world.entries(session)
    assert "cash" not in entries
    due = {p.account.purpose: p.money.minor for p in entries["sale"].postings}
    assert due[Purpose.DRIVER_RECEIVABLE] == 1749
    assert due[Purpose.CPO_PAYABLE] == -1609


def test_a_released_hold_is_given_back() -> None:
    world = World()
    session = world.charge()
    session = world.bill(session, kwh="0", excl="0")
    assert session.payment.state is PaymentState.RELEASED
    held = world.ports.payments.read(session.payment.reference)
    assert held.state is HoldState.CANCELLED
