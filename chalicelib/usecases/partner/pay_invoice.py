"""How does a partner on credit get its limit back? By paying what it owes."""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.partner.invoice import settled_by
from chalicelib.usecases.partner.paid_in import book_paid_in
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.partner.receipt import Receipt


def pay_invoice(
    ports: Ports,
    partner_id: PartyId,
    money: Money,
    reference: str,
    fee: Money | None = None,
    rail: str = RAIL,
    **refs: str,
) -> Receipt:
    """Book a payment of open invoices; paid too much, the rest stands as credit."""

    def change() -> tuple[Write, ...]:
        kept = read_purse(ports, partner_id, PaymentMethod.INVOICE, money.currency)
        settled = settled_by(ports, partner_id, money)
        return (*writes_of(kept, kept.purse.repay(money)), *settled)

    method = PaymentMethod.INVOICE
    return book_paid_in(
        ports, method, partner_id, money, fee, reference, change, rail, None, **refs
    )
