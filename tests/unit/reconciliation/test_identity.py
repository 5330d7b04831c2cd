"""Does the identity of a window hold where money moves in odd ways?"""

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.identity import identities
from sandbox.memory.world import CPO, EUR, World


def test_a_capture_that_its_fee_eats_whole_changes_nothing_that_was_billed() -> None:
    """25 cents by card cost 25: the entry has no posting to cash."""
    at, driver = World().ports.clock.now(), Account(Purpose.DRIVER_RECEIVABLE, CPO)
    sale = [(driver, Money(25, EUR)), (Account(Purpose.CPO_PAYABLE, CPO), Money(-25, EUR))]
    fee = [(Account(Purpose.PSP_FEE), Money(25, EUR)), (driver, Money(-25, EUR))]
    booked = [
        entry("session#s", "sale", Event.SALE, at, sale),
        entry("session#s", "cash", Event.CASH, at, fee),
    ]
    (found,) = identities(booked, {("card", EUR): 25})
    assert found.holds
    assert (dict(found.billed), found.cpo) == ({"card": 25}, 25)
