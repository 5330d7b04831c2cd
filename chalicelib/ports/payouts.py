"""What do we ask of a payout rail? A balance, a transfer to the payee, a payout, its fate.

Every call may raise ports.payments.ProviderUnavailable: the outcome is unknown. Unfunded and
PayoutRefused are definite: nothing moved. The rail repeats such an answer to the same `key` for a
day, so a later attempt after Unfunded needs a key of its own (find_* first).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.errors import NotYet, Rejected
from chalicelib.domain.money import Currency, Money


class Unfunded(NotYet):
    """There is less available on the balance than was asked for. Nothing moved."""

    code = "unfunded"

    def __init__(self, asked: Money, account: str) -> None:
        super().__init__(f"{account or 'the channel'} has less than {asked} available")
        self.asked, self.account = asked, account


class PayoutRefused(Rejected):
    """The rail answered, and said no for good. `provider_code` is its own code."""

    code = "payout_refused"

    def __init__(self, provider_code: str, message: str) -> None:
        super().__init__(f"the payout rail refused ({provider_code}): {message}")
        self.provider_code, self.message = provider_code, message


class PayoutState(StrEnum):
    """`accepted`: the rail has recorded the payout (Stripe: a Payout exists; a bank: pain.002)."""

    SENT = "sent"  # asked for under our id, and not answered: neither yes nor no (banks only)
    REFUSED = "refused"  # no, before it ever was accepted: nothing moved (banks only)
    ACCEPTED = "accepted"
    CREDITED = "credited"
    FAILED = "failed"  # finally; the money is back on the payee's connected account


@dataclass(frozen=True, slots=True)
class RailPayout:
    reference: str  # `po_…`
    state: PayoutState
    money: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One of the rail's own balance transactions; `source` is the object that caused it (of a
    payment_refund our reversal).

    `kind` is the rail's word: charge, refund, transfer, transfer_refund, topup; on a connected
    account payment, payment_refund, payout, payout_failure. `net` is what the balance moved by.
    """

    reference: str
    kind: str
    source: str
    net: Money
    fee: Money
    owner: str = ""  # our id in the source's metadata: session or payout, "" when there is none
    at: datetime | None = None


class Payouts(Protocol):
    """`payout_id` is ours; it goes into metadata and transfer group, and is what find_* use."""

    def balance(self, code: Currency, account: str = "") -> Money:
        """Money that can be sent now: the channel's own, or a connected account's."""

    def currencies(self, account: str) -> frozenset[Currency] | None:
        """In which currencies a payee's account can be paid out; None: the rail does not say.

        PayoutRefused where there is no such account.
        """

    def transfer(self, payout_id: str, account: str, money: Money, key: str) -> str:
        """Move money to the payee's connected account once; the transfer's reference."""

    def find_transfer(self, payout_id: str) -> str | None: ...

    def pay(self, payout_id: str, account: str, money: Money, key: str) -> RailPayout:
        """Pay a connected account's money out to its bank, once."""

    def find_payout(self, payout_id: str, account: str) -> RailPayout | None: ...

    def read_payout(self, reference: str, account: str) -> RailPayout: ...

    def reverse_transfer(self, payout_id: str, transfer: str, money: Money, key: str) -> str:
        """Take a transfer back to the channel's balance after its payout finally failed."""

    def balance_lines(self, account: str = "", since: datetime | None = None) -> list[BalanceLine]:
        """The balance transactions, oldest first: what reconciliation compares. All, or those
        since an instant (some older ones may come, too).
        """
