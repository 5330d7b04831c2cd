"""How is what a partner pays in booked, whether it fills a balance or settles a debt? Once."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.cash import RAIL, paid_in_entry
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.partner.receipt import Incoming, Receipt, receive
from chalicelib.usecases.party.read import check_partner

_KINDS = {PaymentMethod.PREPAID: "top_up", PaymentMethod.INVOICE: "invoice_paid"}


def book_paid_in(
    ports: Ports,
    method: PaymentMethod,
    partner_id: PartyId,
    money: Money,
    fee: Money | None,
    reference: str,
    change: Callable[[], tuple[Write, ...]],
    rail: str = RAIL,
    converted: Converted | None = None,
    **refs: str,
) -> Receipt:
    """Book a partner's payment and its fee with what `change` writes to the purse."""
    check_partner(ports, partner_id)
    kept = fee or Money.zero(money.currency)
    incoming = Incoming(_KINDS[method], reference, partner_id, money, kept)

    def entry_at(at: datetime) -> Entry:
        named = {"reference": reference, **refs}
        owner = incoming.owner
        return paid_in_entry(
            owner, method, partner_id, money, at, fee=fee, converted=converted, rail=rail, **named
        )

    return receive(ports, incoming, entry_at, change)
