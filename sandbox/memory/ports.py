"""The whole port bundle in memory: what a use case's test runs on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.adapters.pdf.papers import PdfPapers
from chalicelib.adapters.sepa.messages import SepaMessages
from chalicelib.usecases.bank.rail import SepaPayouts
from sandbox.memory.bank import BANK_ACCOUNT, MemoryMailbox, own_account
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.emsp import MemoryEmsp
from sandbox.memory.outside import MemoryRates, MemoryWeb
from sandbox.memory.payments import MemoryPayments
from sandbox.memory.payouts import MemoryPayouts
from sandbox.memory.plain import MemoryClock, MemoryFiles, MemoryIds, MemorySecrets
from sandbox.memory.store import MemoryStore

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@dataclass
class MemoryPorts:
    """Satisfies ports.bundle.Ports; every part can be looked into."""

    clock: MemoryClock = field(default_factory=lambda: MemoryClock(START))
    store: MemoryStore = field(default_factory=MemoryStore)
    personal: MemoryStore = field(default_factory=MemoryStore)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    ids: MemoryIds = field(default_factory=MemoryIds)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    cpos: MemoryCpo = field(default_factory=MemoryCpo)
    emsps: MemoryEmsp = field(default_factory=MemoryEmsp)
    web: MemoryWeb = field(default_factory=MemoryWeb)
    rates: MemoryRates = field(default_factory=MemoryRates)
    mailbox: MemoryMailbox = field(default_factory=MemoryMailbox)
    papers: PdfPapers = field(default_factory=PdfPapers)
    public_url: str = "https://channel.example"
    personal_salt: str = "salt"
    payments: MemoryPayments = field(init=False)
    payouts: MemoryPayouts = field(init=False)
    bank_messages: SepaMessages = field(init=False)
    bank_payouts: SepaPayouts = field(init=False)

    def __post_init__(self) -> None:
        self.payouts = MemoryPayouts(self.clock)
        self.payments = MemoryPayments(self.clock, self.payouts)
        self.secrets.write(BANK_ACCOUNT, own_account())
        self.bank_messages = SepaMessages(self.secrets, BANK_ACCOUNT)
        self.bank_payouts = SepaPayouts(self)
