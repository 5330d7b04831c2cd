"""What was promised in a quote?"""

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.quote import Quote
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find


def read_quote(ports: Ports, partner_id: PartyId, quote_id: str) -> Quote:
    """The partner's own quote, expired or not; another partner's looks as if it were not there."""
    found = find(ports.store, keys.quote(quote_id), Quote)
    if found is None or found.value.partner_id != partner_id:
        raise NotFound("quote", quote_id, "quote_id")
    return found.value
