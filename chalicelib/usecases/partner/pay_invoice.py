"""How does a partner on credit get its limit back? By paying what it owes."""

from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.cash import paid_in_entry
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.partner.invoice import settled_by
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.partner.receipt import Incoming, Receipt, receive
from chalicelib.usecases.party.read import party


def pay_invoice(
    ports: Ports, partner_id: PartyId, money: Money, reference: str, fee: Money | None = None
) -> Receipt:
    """Book a payment of open invoices; paid too much, the rest stands as credit."""
    if party(ports, partner_id).kind is not PartyKind.PARTNER:
        raise Invalid("partner_id", f"{partner_id} is not a demand partner")
    paid = Incoming("invoice_paid", reference, partner_id, money, fee or Money.zero(money.currency))

    def entry_at(at: datetime) -> Entry:
        return paid_in_entry(
            paid.owner,
            PaymentMethod.INVOICE,
            partner_id,
            money,
            at,
            fee=paid.fee,
            reference=reference,
        )

    def change() -> tuple[Write, ...]:
        kept = read_purse(ports, partner_id, PaymentMethod.INVOICE, money.currency)
        settled = settled_by(ports, partner_id, money)
        return (*writes_of(kept, kept.purse.repay(money)), *settled)

    return receive(ports, paid, entry_at, change)
