"""How does a partner's prepaid balance grow? By money that the provider says has come in."""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.partner.paid_in import book_paid_in
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.partner.receipt import Receipt


def top_up(
    ports: Ports,
    partner_id: PartyId,
    money: Money,
    reference: str,
    fee: Money | None = None,
    rail: str = RAIL,
    converted: Converted | None = None,
    **refs: str,
) -> Receipt:
    """Add to the balance in the money's currency and book it; once a provider's reference."""

    def change() -> tuple[Write, ...]:
        kept = read_purse(ports, partner_id, PaymentMethod.PREPAID, money.currency)
        return writes_of(kept, kept.purse.fund(money))

    method = PaymentMethod.PREPAID
    return book_paid_in(
        ports, method, partner_id, money, fee, reference, change, rail, converted, **refs
    )
