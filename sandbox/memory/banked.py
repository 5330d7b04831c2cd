"""The small world with its CPO paid by SEPA: the simulated bank on the mailbox in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.party.destination import approve, propose_bank
from sandbox.memory.bank import OWN_IBAN
from sandbox.memory.ports import MemoryPorts
from sandbox.peers.bank.bank import Bank

RHEIN_IBAN = "DE89370400440532013000"  # published as an example


@dataclass
class BankedPorts:
    """`answer()` lets the bank act until now, and us read what it brought."""

    ports: MemoryPorts
    bank: Bank = field(init=False)

    def __post_init__(self) -> None:
        self.bank = Bank(self.ports.mailbox, OWN_IBAN, self.ports.clock.now())

    def open_account(self, iban: str = RHEIN_IBAN) -> None:
        self.bank.accounts.add(iban)

    def fund(self, minor: int) -> None:
        self.bank.credit(minor, "float")
        accept_files(self.ports)

    def answer(self) -> dict[str, int]:
        self.bank.tick(self.ports.clock.now())
        return accept_files(self.ports)

    def until(self, at: datetime) -> dict[str, int]:
        self.ports.clock.at = max(self.ports.clock.at, at)
        return self.answer()

    def move(self, party_id: PartyId, iban: str = RHEIN_IBAN, name: str = "Rheinstrom") -> str:
        """The party is paid by bank transfer from now on; two people said so. Its account."""
        made = propose_bank(self.ports, party_id, bank_details(name, iban), "ada")
        return approve(self.ports, party_id, made.account, "bob").account
