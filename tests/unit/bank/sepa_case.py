"""One charge whose CPO is paid by SEPA: the settlement, the simulated bank, and the books."""

from dataclasses import dataclass, field

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, journal_sum
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout
from chalicelib.usecases.bank.explain import unmatched
from chalicelib.usecases.bank.place import book_line
from sandbox.memory.banked import BankedPorts
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR

FLOAT = 1_000_000


@dataclass
class Case:
    """One charge, whose CPO banks at a bank; `settle` runs the window to where it can come."""

    settled: SettledWorld = field(default_factory=SettledWorld)
    banked: BankedPorts = field(init=False)
    account: str = ""

    def __post_init__(self) -> None:
        ports = self.settled.world.ports
        self.banked = BankedPorts(ports)
        self.banked.open_account()
        self.banked.fund(FLOAT)
        (line,) = unmatched(ports)
        book_line(ports, line["line"], "float", "ada")
        self.account = self.banked.move(CPO)
        self.settled.charge()

    def settle(self) -> None:
        """The machine, the bank, and the machine again once the bank has answered."""
        self.settled.settle_day()
        self.banked.answer()
        self.settled.run()

    def payout(self) -> Payout:
        found = [payout for payout in self.settled.payouts() if payout.party_id == CPO]
        return max(found, key=lambda payout: payout.window)

    def debt(self) -> int:
        return -balance(self.settled.book(), Account(Purpose.CPO_PAYABLE, CPO), EUR).minor

    def cash(self) -> Money:
        return balance(self.settled.book(), Account(Purpose.CASH, "sepa"), EUR)

    def later(self, days: int = 1) -> None:
        self.settled.next_day(days)
        self.banked.answer()

    def check(self) -> None:
        """Every currency sums to zero, and the books agree with the bank to the cent."""
        assert not any(journal_sum(self.settled.book()).values())
        assert self.cash() == self.settled.world.ports.bank_payouts.balance(EUR)
