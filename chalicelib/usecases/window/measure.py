"""What is there to count in a window? For dashboards and alarms; nothing is decided by it."""

from collections import Counter

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.reconciliation.identity import identity_differences
from chalicelib.domain.settlement.payout import PAID, PayoutStage
from chalicelib.domain.settlement.promise import Shares
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.reconciliation.window import identities_of
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.net import payouts_of, read_payouts
from chalicelib.usecases.window.reconcile import heads_in
from chalicelib.usecases.window.sealed import books_in


def measure(ports: Ports, window: WindowId) -> dict[str, int]:
    """Counts, and the promise's shares in hundredths of a percent: 10,000 is all."""
    run = run_of(ports, window).value
    events: Counter[str] = Counter()
    for books in books_in(ports, run.sealed):
        events.update(books.events)
    stages = [payout.stage for payout in read_payouts(ports, payouts_of(ports, run))]
    heads = [head for _, head in heads_in(ports, run)]
    broken = identity_differences(identities_of(heads), run.id)
    found = {
        "sessions_billed": events[Event.SALE],
        "sessions_captured": events[Event.CASH],
        "differences_found": sum(len(head.held) for head in heads) + len(broken),
        "payouts_accepted": sum(stage in PAID for stage in stages),
        "payouts_credited": sum(stage is PayoutStage.CREDITED for stage in stages),
        "payouts_held": sum(stage is PayoutStage.HELD for stage in stages),
    }
    if run.shares:
        shares = from_plain(Shares, run.shares)
        found["accepted_48h"] = int(shares.accepted_48h * 10_000)
        found["credited_48h"] = int(shares.credited_48h * 10_000)
    return found
