"""The whole port bundle in memory: what a use case's test runs on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.memory.cpo import MemoryCpo
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
    web: MemoryWeb = field(default_factory=MemoryWeb)
    rates: MemoryRates = field(default_factory=MemoryRates)
    public_url: str = "https://channel.example"
    personal_salt: str = "salt"
    payments: MemoryPayments = field(init=False)
    payouts: MemoryPayouts = field(init=False)

    def __post_init__(self) -> None:
        self.payouts = MemoryPayouts(self.clock)
        self.payments = MemoryPayments(self.clock, self.payouts)
