"""How does Stripe Connect pay a party? A transfer to its account, then that account's payout.

"Separate charges and transfers": the channel's balance pays several payees. Connected accounts are
on a manual payout schedule, or Stripe would pay out by itself what we are about to. Our payout id
is the transfer's group (which transfers can be listed by) and everywhere the metadata.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from chalicelib.adapters.stripe.amounts import (
    AmountNotPayable,
    to_code,
    to_money,
    to_stripe,
    to_stripe_payout,
)
from chalicelib.adapters.stripe.client import (
    PAYOUT,
    StripeConnection,
    StripeRefused,
    answered,
    keyed,
    owner_of,
)
from chalicelib.domain.money import Currency, Money
from chalicelib.ports.payouts import BalanceLine, PayoutRefused, PayoutState, RailPayout, Unfunded

_STATES = {
    "pending": PayoutState.ACCEPTED,
    "in_transit": PayoutState.ACCEPTED,
    "paid": PayoutState.CREDITED,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.FAILED,
}
_PAYOUTS_SEARCHED_MAX = 1000  # newest first: a payout is looked for within days of its making
_PAGE = 100


class StripePayouts(StripeConnection):
    """Implements ports.payouts.Payouts."""

    def balance(self, code: Currency, account: str = "") -> Money:
        with answered():
            balance = self._client.v1.balance.retrieve({}, keyed("", account))
        ours = (part.amount for part in balance.available if part.currency == to_code(code))
        return to_money(sum(ours), code)

    def currencies(self, account: str) -> frozenset[Currency] | None:
        """Those of its bank accounts and cards: what is transferred in another one is converted.

        Stripe shows them to the platform that controls the account, the first ten in the account.
        """
        try:
            with answered():
                found = self._client.v1.accounts.retrieve(account).to_dict()
        except StripeRefused as refused:
            raise PayoutRefused(refused.reason, refused.message) from refused
        return read_currencies(found)

    def transfer(self, payout_id: str, account: str, money: Money, key: str) -> str:
        try:
            with answered(key):
                made = self._client.v1.transfers.create(
                    {
                        "amount": _payable(money),
                        "currency": to_code(money.currency),
                        "destination": account,
                        "transfer_group": payout_id,
                        "metadata": {PAYOUT: payout_id},
                    },
                    keyed(key),
                )
        except StripeRefused as refused:
            raise _refusal(refused, money, "") from refused
        return str(made.id)

    def find_transfer(self, payout_id: str) -> str | None:
        with answered():
            found = self._client.v1.transfers.list({"transfer_group": payout_id}).data
        return found[0].id if found else None

    def pay(self, payout_id: str, account: str, money: Money, key: str) -> RailPayout:
        try:
            with answered(key):
                made = self._client.v1.payouts.create(
                    {
                        "amount": _payable(money),
                        "currency": to_code(money.currency),
                        "metadata": {PAYOUT: payout_id},
                    },
                    keyed(key, account),
                )
        except StripeRefused as refused:
            raise _refusal(refused, money, account) from refused
        return _payout(made.to_dict())

    def find_payout(self, payout_id: str, account: str) -> RailPayout | None:
        try:
            with answered():
                pages = self._client.v1.payouts.list({"limit": _PAGE}, keyed("", account))
                newest = islice(pages.auto_paging_iter(), _PAYOUTS_SEARCHED_MAX)
                every = (payout.to_dict() for payout in newest)
                found = next((p for p in every if _owner(p) == payout_id), None)
        except StripeRefused as refused:
            raise PayoutRefused(refused.reason, refused.message) from refused
        return None if found is None else _payout(found)

    def read_payout(self, reference: str, account: str) -> RailPayout:
        try:
            with answered():
                found = self._client.v1.payouts.retrieve(reference, {}, keyed("", account))
        except StripeRefused as refused:
            raise PayoutRefused(refused.reason, refused.message) from refused
        return _payout(found.to_dict())

    def reverse_transfer(self, payout_id: str, transfer: str, money: Money, key: str) -> str:
        try:
            with answered(key):
                made = self._client.v1.transfers.reversals.create(
                    transfer,
                    {"amount": to_stripe(money), "metadata": {PAYOUT: payout_id}},
                    keyed(key),
                )
        except StripeRefused as refused:
            raise _refusal(refused, money, "") from refused
        return str(made.id)

    def balance_lines(self, account: str = "", since: datetime | None = None) -> list[BalanceLine]:
        wanted: Any = {"limit": _PAGE, "expand": ["data.source"]}
        if since is not None:
            wanted["created"] = {"gte": int(since.timestamp())}
        with answered():
            pages = self._client.v1.balance_transactions.list(wanted, keyed("", account))
            lines = [_line(line.to_dict()) for line in pages.auto_paging_iter()]
        lines.reverse()
        return lines


def read_currencies(account: Mapping[str, Any]) -> frozenset[Currency] | None:
    listed = account.get("external_accounts")
    if not isinstance(listed, Mapping) or listed.get("has_more"):
        return None
    return frozenset(Currency(str(each["currency"]).upper()) for each in listed["data"])


def _payable(money: Money) -> int:
    """What cannot be paid out is refused before it is transferred, and so never half-way."""
    try:
        return to_stripe_payout(money)
    except AmountNotPayable as refused:
        raise PayoutRefused(refused.code, str(refused)) from refused


def _refusal(refused: StripeRefused, money: Money, account: str) -> PayoutRefused | Unfunded:
    if "balance_insufficient" in refused.codes:
        return Unfunded(money, account)
    return PayoutRefused(refused.reason, refused.message)


def _payout(payout: Mapping[str, Any]) -> RailPayout:
    return RailPayout(
        reference=payout["id"],
        state=_STATES[payout["status"]],
        money=to_money(payout["amount"], payout["currency"]),
        reason=str(payout.get("failure_code") or ""),
    )


def _line(line: Mapping[str, Any]) -> BalanceLine:
    source = line.get("source")
    source = source if isinstance(source, Mapping) else {"id": source or ""}
    return BalanceLine(
        reference=line["id"],
        kind=line["type"],
        # A payee's side of a reversal is a refund, which names the reversal that caused it.
        source=str(source.get("source_transfer_reversal") or source["id"]),
        net=to_money(line["net"], line["currency"]),
        fee=to_money(line["fee"], line["currency"]),
        owner=_owner(source),
        at=datetime.fromtimestamp(line["created"], UTC),
    )


def _owner(source: Mapping[str, Any]) -> str:
    """Our id. A payee's side of a transfer carries the group only."""
    return str(owner_of(source.get("metadata") or {}) or source.get("transfer_group") or "")
