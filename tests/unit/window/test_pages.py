"""More payees than a page holds: is each on one page, and no page longer than a hundred?"""

from chalicelib.domain.ids import EntryId, PartyId
from chalicelib.domain.party.party import Kyc, Party, PartyKind
from chalicelib.domain.settlement.netting import Line
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import freeze_at
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.steps import counterparty_step
from chalicelib.usecases.records import create
from chalicelib.usecases.window.net import PAYEES_A_PAGE
from chalicelib.usecases.window.reconcile import Head, seal_reconciled
from chalicelib.usecases.window.steps import window_step
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.settled import DAY
from sandbox.memory.world import EUR


def test_a_hundred_and_one_payees_are_two_pages_with_each_payout_on_one_of_them() -> None:
    ports, payees = MemoryPorts(), [PartyId(f"DE*{number:03}") for number in range(101)]
    ports.clock.at = freeze_at(DAY)
    for payee in payees:
        known = Party(payee, PartyKind.CPO, payee, "DE", EUR, kyc=Kyc.VERIFIED)
        ports.store.write(create(keys.party(payee), known))
    lines = [
        Line(payee, PartyKind.CPO, f"ses_{payee}", EntryId(f"ent_{payee}"), "sale", 1000, EUR)
        for payee in payees
    ]
    reconciled = (seal_reconciled(ports, DAY, lines, Head()),)
    run = WindowRun(DAY, Stage.RECONCILED, ports.clock.now(), lease=1, reconciled=reconciled)
    ports.store.write(create(keys.window(DAY), run))

    netted = window_step(ports, {"step": "net", "window": DAY, "attempt": 1})
    assert netted["pages"] == [0, 1]
    listed = [
        counterparty_step(ports, {"step": "list", "window": DAY, "attempt": 1, "page": page})
        for page in netted["pages"]
    ]
    paid = [payout for page in listed for payout in page["payouts"]]
    assert [len(page["payouts"]) for page in listed] == [PAYEES_A_PAGE, 1]
    assert len(set(paid)) == len(payees)
