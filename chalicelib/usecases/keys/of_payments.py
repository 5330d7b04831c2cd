"""Where do payments that are no session's lie, each the owner of its entries and effects?"""

from chalicelib.domain.ids import PartyId
from chalicelib.ports.store import Key


def top_up(top_up_id: str) -> Key:
    """A top-up that the channel collects itself, and its refunds to the source."""
    return Key(f"top-up#{top_up_id}")


def partner_top_ups(partner_id: PartyId, month: str) -> str:
    """Partition of the top-ups of which a partner asked something in a month (yyyymm), sk = id."""
    return f"top-ups#{partner_id}#{month}"


def method_setup(setup_id: str) -> Key:
    """How far the saving of a driver's means of payment is."""
    return Key(f"method-setup#{setup_id}")


def chargeback(reference: str) -> Key:
    """What a driver's bank took back, by the provider's `dp_…`."""
    return Key(f"chargeback#{reference}")


def chargebacks_open() -> str:
    """Partition of the chargebacks that are not over, sk = reference."""
    return "chargebacks-open"


def refunds_returned() -> str:
    """Partition of the refunds that came back, for people, sk = session id."""
    return "refunds-returned"


def fleet_invoices(partner_id: PartyId) -> Key:
    """All open invoices of a partner on credit: what its credit limit waits for."""
    return Key(f"fleet-invoices#{partner_id}")


def fleet_invoice(invoice_id: str) -> Key:
    """An invoice that is paid, as it stood."""
    return Key(f"fleet-invoice#{invoice_id}")
