"""How does money that moved at the provider stand in the books? One function an event.

`rail` is the provider's name, "stripe". Fees stand in the provider's own balance transaction and
may be in another currency than the payment. `name` is the entry's name in its owner: pass your own
where an owner books the same event twice (a second refund).
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.agreement.agreement import Agreement, Bearer, PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money

RAIL = "stripe"
_PAID_IN = {
    PaymentMethod.PREPAID: (Event.TOP_UP, Purpose.PREPAID),
    PaymentMethod.INVOICE: (Event.INVOICE_PAID, Purpose.INVOICE_RECEIVABLE),
}


@dataclass(frozen=True, slots=True)
class Burden:
    """Who bears a fee or a loss: the platform unless the agreement names a party."""

    bearer: Bearer = Bearer.PLATFORM
    party: str = ""

    def account(self, own: Purpose) -> Account:
        """The platform's own account, or the payable from which the bearer's part is kept."""
        match self.bearer:
            case Bearer.PLATFORM:
                return Account(own)
            case Bearer.PARTNER:
                return Account(Purpose.PARTNER_PAYABLE, self.party)
            case Bearer.CPO:
                return Account(Purpose.CPO_PAYABLE, self.party)


def burden(agreement: Agreement, cpo_id: PartyId) -> Burden:
    """Who bears the fees and losses of a sale between the agreement's partner and a CPO."""
    party = cpo_id if agreement.fee_bearer is Bearer.CPO else agreement.partner_id
    return Burden(agreement.fee_bearer, party)


def cash(rail: str = RAIL) -> Account:
    return Account(Purpose.CASH, rail)


def captured_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    fee: Money,
    at: datetime,
    *,
    bears: Burden | None = None,
    rail: str = RAIL,
    name: str = "cash",
    **refs: str,
) -> Entry:
    """A card was captured: `money` came in, less the provider's `fee`."""
    postings = (
        *received(money, fee, bears or Burden(), rail),
        (Account(Purpose.DRIVER_RECEIVABLE, partner_id), -money),
    )
    return entry(owner, name, Event.CASH, at, postings, **refs)


def refund_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    rail: str = RAIL,
    name: str = "refund",
    **refs: str,
) -> Entry:
    """Captured money went back to the card. It settles what a reversal left owing to the driver."""
    postings = ((Account(Purpose.DRIVER_RECEIVABLE, partner_id), money), (cash(rail), -money))
    return entry(owner, name, Event.REFUND, at, postings, **refs)


def paid_in_entry(
    owner: str,
    method: PaymentMethod,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    fee: Money | None = None,
    rail: str = RAIL,
    name: str = "",
    **refs: str,
) -> Entry:
    """A partner paid in: its balance grows, or its debt shrinks; the fee is the platform's."""
    event, purpose = _PAID_IN[method]
    postings = (
        *received(money, fee or Money.zero(money.currency), Burden(), rail),
        (Account(purpose, partner_id), -money),
    )
    return entry(owner, name or event.value, event, at, postings, **refs)


def received(
    money: Money, fee: Money, bears: Burden, rail: str
) -> tuple[tuple[Account, Money], ...]:
    """The postings of money that came in (or, negative, was taken) less the provider's fee."""
    expense = (bears.account(Purpose.PSP_FEE), fee)
    if fee.currency == money.currency:
        return (cash(rail), money - fee), expense
    return (cash(rail), money), (cash(rail), -fee), expense
