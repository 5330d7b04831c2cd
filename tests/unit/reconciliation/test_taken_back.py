"""A transfer is taken back after its payout failed: do the books and both accounts agree again?"""

import pytest

from chalicelib.domain.reconciliation.match import match
from chalicelib.domain.reconciliation.moves import Move, Movement
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.usecases.payout.agree import agree
from chalicelib.usecases.payout.block import unblock
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR
from tests.unit.reconciliation.booked_market import funded
from tests.unit.reconciliation.test_three_ways import AT

PLACE, OURS, LINE = f"stripe:{CPO}", "pay_1", "txn_2"


def differs(settled: SettledWorld) -> list[str]:
    found = reconcile_books(settled.world.ports, deep=True).differences
    return [f"{a.difference.kind.value} {a.difference.subject}" for a in found]


def test_a_payout_that_came_back_was_taken_back_and_is_paid_again_leaves_no_difference() -> None:
    settled = funded()
    ports = settled.world.ports
    settled.charge()
    ports.payouts.fail_next_payout("account_closed")
    settled.settle_day()
    settled.next_day(3)
    sweep_payouts(ports)
    assert differs(settled) == []
    (back,) = (p for p in settled.payouts() if p.stage is PayoutStage.RETURNED)
    for person in ("Ada Lovelace", "Grace Hopper"):
        agree(ports, back.id, person)
    sweep_payouts(ports)
    lines = ports.payouts.balance_lines(back.account)
    assert [line.kind for line in lines][-1] == "payment_refund"
    assert differs(settled) == []
    unblock(ports, back.account, "Ada Lovelace")
    while settled.run()["opened"]:
        pass
    settled.settle_day(settled.next_day())
    assert settled.payouts()[-1].reason == ""
    assert differs(settled) == []


def test_a_payout_that_is_refused_when_its_money_lies_with_the_payee_leaves_none_either() -> None:
    settled = funded()
    rail = settled.world.ports.payouts
    settled.loses_its_bank_account("acct_rhein")
    settled.charge()
    settled.settle_day()
    assert [line.kind for line in rail.balance_lines("acct_rhein")] == ["payment", "payment_refund"]
    assert differs(settled) == []


def moved(owner: str, minor: int, subject: str, *references: str) -> Move:
    names = frozenset(references)
    return Move(PLACE, Movement.TRANSFER, owner, {EUR: minor}, {}, subject, names, AT)


@pytest.mark.parametrize(
    ("theirs", "kinds"),
    [
        (moved("", -1609, LINE, LINE, "trr_1"), []),
        (moved("", -1600, LINE, LINE, "trr_1"), ["amount_differs"]),
        (moved("", -1609, LINE, LINE, "trr_of_nobody"), ["amount_differs", "not_booked"]),
        (moved("pay_2", -1609, LINE, LINE, "trr_1"), ["amount_differs", "not_booked"]),
    ],
    ids=["names our reversal", "another sum", "names nothing of ours", "is another payout's"],
)
def test_a_line_without_our_id_belongs_to_what_it_names(theirs: Move, kinds: list[str]) -> None:
    booked = [moved(OURS, 1609, "ent_1", "tr_1"), moved(OURS, -1609, "ent_2", "trr_1")]
    stated = [moved(OURS, 1609, "txn_1", "txn_1", "py_1"), theirs]
    found = match(booked, stated, AT).differences
    kept = [each.kind.value for each in found if each.kind.value != "cash_not_closed"]
    assert sorted(kept) == kinds
