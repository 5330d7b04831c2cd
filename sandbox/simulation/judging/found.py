"""What did a history leave, in our books, at the provider and at the CPOs?"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import Balances, balances
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.payments import Hold
from chalicelib.ports.payouts import BalanceLine
from chalicelib.usecases import keys
from chalicelib.usecases.window.sealed import ids_in
from sandbox.memory.world import PARTNERS
from sandbox.simulation.endings import payouts_in, runs
from sandbox.simulation.history import History

Lines = Iterator[str]
_THE_CPOS_LOSS = frozenset({"product_not_received lost", "credit_not_processed lost"})
TOPPED_UP = 50_000  # the market's prepaid partner, whose money the simulated rail never saw


@dataclass
class Found:
    """What a history left, read once."""

    history: History
    sessions: dict[str, Session] = field(init=False)
    entries: list[Entry] = field(init=False)
    book: Balances = field(init=False)
    payouts: dict[str, Payout] = field(init=False)
    holds: dict[str, list[Hold]] = field(init=False)
    _lines: dict[str, list[BalanceLine]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = self.history.table
        self.sessions = {str(session.id): session for session in self.history.sessions()}
        self.entries = [
            from_plain(Entry, item.body)
            for pk in table.partitions("entry#")
            for item in table.query(pk, limit=10_000)
        ]
        self.book = balances(self.entries)
        self.payouts = {
            str(payout.id): payout
            for row in table.query(keys.windows(), limit=10_000)
            for payout in payouts_in(self.history, WindowId(row.key.sk))
        }
        self.holds = defaultdict(list)
        for session_id, hold in self.history.payments.holds():
            self.holds[session_id].append(hold)

    @cached_property
    def sealed(self) -> dict[WindowId, list[str]]:
        """The ids of each window's entries, by its sealed lists."""
        ports = self.history.ports
        return {
            run.id: [id_ for name in run.sealed for id_ in ids_in(ports, name)]
            for run in runs(self.history)
        }

    def billed(self, session: Session) -> int:
        """What its driver has to pay by the bill and by what people have decided since."""
        gross = 0 if session.bill is None else session.bill.gross.minor
        return gross - self.history.acts.granted.get(str(session.id), 0)

    def undone(self, session: Session) -> int:
        """How much of its sale the CPO and the partner do not earn after all."""
        acts, id_ = self.history.acts, str(session.id)
        if acts.chargebacks.get(id_) not in _THE_CPOS_LOSS or session.bill is None:
            return acts.granted.get(id_, 0)
        disputes = self.history.payments.disputes().values()
        gone = sum(dispute.money.minor for dispute in disputes if dispute.owner == id_)
        return min(gone + acts.granted.get(id_, 0), session.bill.gross.minor)

    def total(self, *purposes: Purpose) -> Counter[str]:
        sums: Counter[str] = Counter()
        for account, amounts in self.book.items():
            if account.purpose in purposes:
                sums.update(amounts)
        return sums

    def lines(self, account: str = "") -> list[BalanceLine]:
        """What the rail booked on a payee's account; on ours."""
        if account not in self._lines:
            self._lines[account] = self.history.payouts.balance_lines(account)
        return self._lines[account]

    def rail(self, account: str = "") -> Counter[str]:
        sums: Counter[str] = Counter()
        for line in self.lines(account):
            sums[line.net.currency] += line.net.minor
        return sums

    def paid_by_bank(self, account: str) -> int:
        """What our bank says has left for a payee's account; less what came back."""
        payouts = self.payouts.values()
        own = {str(p.id) for p in payouts if p.account == account}
        return sum(n for id_, n in self.history.bank.moved.items() if id_ in own)

    def payees(self) -> list[tuple[str, str]]:
        """Account at the provider's rail, and whose it is."""
        places = [(place.account, str(place.cpo)) for place in self.history.market.places]
        return places + [(f"acct_{method.value}", str(PARTNERS[method])) for method in PARTNERS]


def kept(hold: Hold) -> int:
    """What of a hold the driver has paid and not been given back."""
    captured = 0 if hold.captured is None else hold.captured.minor
    return captured - (0 if hold.refunded is None else hold.refunded.minor)


def taken_back(found: Found) -> Counter[str]:
    """What banks have taken of top-ups, by top-up."""
    taken: Counter[str] = Counter()
    for dispute in found.history.payments.disputes().values():
        if dispute.owner.startswith("top_"):
            taken[dispute.owner] -= sum(move.money.minor for move in dispute.moves)
    return taken
