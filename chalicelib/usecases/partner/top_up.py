"""How does a partner's prepaid balance grow? By money that the provider says has come in."""

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
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.partner.receipt import Incoming, Receipt, receive
from chalicelib.usecases.party.read import party


def top_up(
    ports: Ports, partner_id: PartyId, money: Money, reference: str, fee: Money | None = None
) -> Receipt:
    """Add to the balance in the money's currency and book it; once a provider's reference."""
    if party(ports, partner_id).kind is not PartyKind.PARTNER:
        raise Invalid("partner_id", f"{partner_id} is not a demand partner")
    paid = Incoming("top_up", reference, partner_id, money, fee or Money.zero(money.currency))

    def entry_at(at: datetime) -> Entry:
        return paid_in_entry(
            paid.owner,
            PaymentMethod.PREPAID,
            partner_id,
            money,
            at,
            fee=paid.fee,
            reference=reference,
        )

    def change() -> tuple[Write, ...]:
        kept = read_purse(ports, partner_id, PaymentMethod.PREPAID, money.currency)
        return writes_of(kept, kept.purse.fund(money))

    return receive(ports, paid, entry_at, change)
