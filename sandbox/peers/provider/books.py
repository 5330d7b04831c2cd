"""What does the provider know? Its objects, its time, and what falls due in it.

Nothing here reads a clock, a file or a random number: the same commands make the same books, and
that is how a restart brings them back (see journal.py).
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import sha256

from sandbox.peers.provider.config import Config, Webhook
from sandbox.peers.provider.refusals import Thing, missing

DAY = 86_400
_PREFIX = {
    "account": "acct",
    "balance_transaction": "txn",
    "charge": "ch",
    "customer": "cus",
    "dispute": "dp",
    "event": "evt",
    "payment_intent": "pi",
    "payment": "py",
    "payout": "po",
    "refund": "re",
    "setup_intent": "seti",
    "topup": "tu",
    "transfer": "tr",
    "transfer_reversal": "trr",
    "payment_method": "pm",
}


class Books:
    """`now` is the epoch second that was last told. Things lie by kind and account ("": ours)."""

    def __init__(self, config: Config, public_url: str = "http://127.0.0.1") -> None:
        self.config, self.public_url = config, public_url
        self.now = 0
        self.things: defaultdict[tuple[str, str], dict[str, Thing]] = defaultdict(dict)
        self.groups: defaultdict[tuple[str, str], list[Thing]] = defaultdict(list)
        self.cards: dict[str, Thing] = {}
        self.detached: set[str] = set()  # methods that their customer has no more
        # account and currency that its balance has not → what it is converted into, and the rate
        self.exchange: dict[tuple[str, str], tuple[str, str]] = {}
        self.fees_late = False  # whether balance transactions lag behind their charges
        self.faults: list[Thing] = []
        self.webhooks: list[Webhook] = []
        self.outbox: dict[int, Thing] = {}  # deliveries to come, by number
        self.balances: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(lambda: [0, 0])  # account → currency → [available, pending]
        )
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._due: list[tuple[int, int, Callable[[], None]]] = []

    def new_id(self, kind: str) -> str:
        """Stripe's prefix and 24 characters that depend on the count only."""
        prefix = _PREFIX[kind]
        self._counts[prefix] += 1
        digest = sha256(f"{prefix}{self._counts[prefix]}".encode()).hexdigest()[:14]
        return f"{prefix}_{self._counts[prefix]:010d}{digest}"

    def put_out(self, event: Thing) -> int:
        """Queue an event for every endpoint that wants it; how many that is."""
        hooks = [n for n, hook in enumerate(self.webhooks) if hook.wants(event["type"])]
        for hook in hooks:
            self._counts["delivery"] += 1
            number = self._counts["delivery"]
            self.outbox[number] = {
                "number": number,
                "event": event,
                "webhook": hook,
                "attempts": 0,
                "due": self.now,
                "since": self.now,
            }
        return len(hooks)

    def keep(self, kind: str, account: str, thing: Thing) -> Thing:
        self.things[kind, account][thing["id"]] = thing
        return thing

    def get(
        self, kind: str, id_: str, account: str = "", *, param: str = "id", status: int = 404
    ) -> Thing:
        thing = self.things[kind, account].get(id_)
        if thing is None:
            raise missing(kind.replace("_", " "), id_, param, status=status)
        return thing

    def newest(self, kind: str, account: str) -> Iterator[Thing]:
        return reversed(self.things[kind, account].values())

    def at(self, due: int, act: Callable[[], None]) -> None:
        """Do it once the clock has reached the second."""
        self._counts["due"] += 1
        heapq.heappush(self._due, (due, self._counts["due"], act))

    def advance(self, now: int) -> None:
        """Let time pass: everything due happens at its own second, in order."""
        while self._due and self._due[0][0] <= now:
            due, _, act = heapq.heappop(self._due)
            self.now = max(self.now, due)
            act()
        self.now = max(self.now, now)

    def next_due(self) -> int | None:
        """The next second at which anything happens by itself, deliveries included."""
        dues = [delivery["due"] for delivery in self.outbox.values()]
        return min([*dues, *(due for due, _, _ in self._due[:1])], default=None)

    def banking_day(self, days: int, since: int | None = None) -> int:
        """Midnight of the n-th banking day after a second (1970-01-01 was a Thursday)."""
        day = (self.now if since is None else since) // DAY
        while days:
            day += 1
            if self.config.banking_days == "all" or (day + 3) % 7 < 5:
                days -= 1
        return day * DAY
