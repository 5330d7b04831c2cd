"""How does a sale stand in the books? What the driver owes, against what everybody is owed."""

from datetime import datetime

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.revenue.allocate import Allocation

_RECEIVED_FROM = {
    PaymentMethod.CARD: Purpose.DRIVER_RECEIVABLE,
    PaymentMethod.PREPAID: Purpose.PREPAID,  # the partner's balance goes down: a debit
    PaymentMethod.INVOICE: Purpose.INVOICE_RECEIVABLE,
}


def receivable(method: PaymentMethod, partner_id: PartyId) -> Account:
    """The account that a sale is charged to: a driver's card, a balance or an invoice."""
    return Account(_RECEIVED_FROM[method], partner_id)


def sale_entry(
    owner: str,
    allocation: Allocation,
    agreement: Agreement,
    at: datetime,
    *,
    name: str = "sale",
    **refs: str,
) -> Entry:
    """The entry of a sale; a second one, after a credit, has a name of its own."""
    postings = (
        (receivable(agreement.payment_method, allocation.partner_id), allocation.gross),
        (Account(Purpose.CPO_PAYABLE, allocation.cpo_id), -allocation.cpo_due),
        (Account(Purpose.PARTNER_PAYABLE, allocation.partner_id), -allocation.partner_due),
        (Account(Purpose.PLATFORM), -allocation.platform),
        *(
            (Account(Purpose.VAT, jurisdiction=country), -due)
            for country, due in allocation.vat_due.items()
        ),
    )
    return entry(owner, name, Event.SALE, at, postings, agreement=agreement.id, **refs)
