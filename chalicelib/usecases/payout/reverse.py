"""How is money taken back from a payee's account after its payout was refused or failed?

The rail refuses to reverse more than was transferred, so the whole sum cannot go back twice.
"""

from datetime import timedelta

from chalicelib.domain.ledger.payout import transfer_reversed_entry
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import PayoutRefused
from chalicelib.usecases.counterparty.hold import held
from chalicelib.usecases.counterparty.record import booked, saved
from chalicelib.usecases.payout.rail import books_of, rail
from chalicelib.usecases.records import Record

_CLOCKS_DIFFER = timedelta(hours=1)
_REVERSED = "transfer_refund"  # the rail's word for a reversal on our own balance


def reverse(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    """Take the transfer back, then hold the payout: the next window owes the sum again."""
    payout = record.value
    assert payout.stage is PayoutStage.REVERSING, "recorded before the call"
    assert payout.money is not None, "a transfer had a sum"
    reference = _reversal(ports, payout)
    at = ports.clock.now()
    done, row = held(payout, payout.reason, at)
    books = books_of(payout.account)
    entry = transfer_reversed_entry(
        payout.owner, payout.party_id, payout.money, at, rail=books, reference=reference
    )
    done, put = booked(done, entry, "transfer_reversed", at)
    return saved(ports, record, done, "transfer_reversed", attempt, row, put)


def _reversal(ports: Ports, payout: Payout) -> str:
    """The reversal's reference: asked for, or found when the rail says that it was made before."""
    assert payout.money is not None, "a transfer had a sum"
    key, asked = f"{payout.id}:reverse", rail(ports, payout.account)
    try:
        return asked.reverse_transfer(payout.id, payout.transfer, payout.money, key)
    except PayoutRefused:
        since = None if payout.tried_at is None else payout.tried_at - _CLOCKS_DIFFER
        for line in asked.balance_lines(since=since):
            if line.kind == _REVERSED and line.owner == payout.id:
                return line.source
        raise
