"""In a currency of three decimals, is every amount that a card is asked for one that cards move?"""

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.agreement.terms import DriverRebate
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Currency, Money, card_amount
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.session.bill import Billing, Pinned, billed
from chalicelib.usecases.session.terms import terms_of
from sandbox.memory.world import World

KWD = Currency("KWD")


def _billed(method: PaymentMethod) -> Billing:
    world = World()
    session = world.start(method)
    terms = terms_of(world.ports, session)
    rebate = DriverRebate(Bearer.PARTNER, Decimal("0.03"))
    agreed = replace(terms, agreement=replace(terms.agreement, driver_rebate=rebate))
    tariff = prepare(replace(world.tariff, currency=KWD), "Europe/Berlin")
    pinned = Pinned(tariff, agreed, "DE", "Europe/Berlin", KWD, method)
    return billed(pinned, world.cdr(session, currency="KWD"))


def test_a_bill_by_card_is_chargeable_after_its_rebate_too() -> None:
    bill = _billed(PaymentMethod.CARD)
    assert bill.published == Money(17_493, KWD)
    assert bill.gross == Money(16_960, KWD)  # 17.490 less 3 %, 16.9653, down to what cards move
    assert bill.allocation.rebate == Money(530, KWD)


def test_a_balance_pays_to_the_thousandth() -> None:
    bill = _billed(PaymentMethod.PREPAID)
    assert bill.gross != card_amount(bill.gross)


def test_nothing_is_granted_that_a_card_cannot_be_given_back() -> None:
    world = World()
    session = world.bill(world.charge())
    partner = session.partner_id
    dispute = open_for_driver(world.ports, partner, session.id, Reason.OTHER, 500, "", "k", "h")
    with pytest.raises(Invalid, match="cannot be given back to a card"):
        grant(world.ports, dispute.id, Money(499, KWD), "broken", "Ada Lovelace")
