"""How does money that moved at the provider stand in the books? One function an event.

`rail` is the provider's name, "stripe". Cash is booked in the currency in which it lies there:
`converted` says so where the provider has none in the payment's, and a fee is always in the cash's.
`name` is the entry's name in its owner: pass your own where an owner books the same event twice (a
second refund).
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.agreement.agreement import Agreement, Bearer, PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.converted import Converted, Postings
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
    converted: Converted | None = None,
    rail: str = RAIL,
    name: str = "cash",
    **refs: str,
) -> Entry:
    """A card was captured: `money` came in, less the provider's `fee`."""
    postings = (
        *received(money, fee, bears or Burden(), rail, converted),
        (Account(Purpose.DRIVER_RECEIVABLE, partner_id), -money),
    )
    return entry(owner, name, Event.CASH, at, postings, **refs, **rate_of(converted))


def refund_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    converted: Converted | None = None,
    rail: str = RAIL,
    name: str = "refund",
    **refs: str,
) -> Entry:
    """Captured money went back to the card. It settles what a reversal left owing to the driver."""
    account = Account(Purpose.DRIVER_RECEIVABLE, partner_id)
    postings = ((account, money), *moved(-money, rail, converted))
    return entry(owner, name, Event.REFUND, at, postings, **refs, **rate_of(converted))


def paid_in_entry(
    owner: str,
    method: PaymentMethod,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    fee: Money | None = None,
    converted: Converted | None = None,
    rail: str = RAIL,
    name: str = "",
    **refs: str,
) -> Entry:
    """A partner paid in: its balance grows, or its debt shrinks; the fee is the platform's."""
    event, purpose = _PAID_IN[method]
    kept = fee or Money.zero(lies_as(money, converted).currency)
    postings = (
        *received(money, kept, Burden(), rail, converted),
        (Account(purpose, partner_id), -money),
    )
    return entry(owner, name or event.value, event, at, postings, **refs, **rate_of(converted))


def received(
    money: Money, fee: Money, bears: Burden, rail: str, converted: Converted | None = None
) -> Postings:
    """The postings of money that came in (or, negative, was taken) less the provider's fee.

    Raises CurrenciesDiffer for a fee that is not in the currency of the cash.
    """
    exchanged = () if converted is None else converted.postings
    expense = _borne(fee, bears, converted)
    return (cash(rail), lies_as(money, converted) - fee), *expense, *exchanged


def _borne(fee: Money, bears: Burden, converted: Converted | None) -> Postings:
    """A party bears it in the payment's currency: it has no payable in the balance's, from which it
    could be kept.
    """
    account = bears.account(Purpose.PSP_FEE)
    if converted is None or bears.bearer is Bearer.PLATFORM or not fee.minor:
        return ((account, fee),)
    own, theirs = Account(Purpose.PSP_FEE), converted.in_payments_currency(fee)
    return (own, fee), (account, theirs), (own, -theirs)


def moved(money: Money, rail: str = RAIL, converted: Converted | None = None) -> Postings:
    """As `received`, where the provider asks nothing for it."""
    nothing = Money.zero(lies_as(money, converted).currency)
    return received(money, nothing, Burden(), rail, converted)


def lies_as(money: Money, converted: Converted | None) -> Money:
    """What the provider's balance moved by."""
    return money if converted is None else converted.by.got


def rate_of(converted: Converted | None) -> dict[str, str]:
    return {} if converted is None else converted.refs
