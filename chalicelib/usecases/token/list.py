"""Which tokens has a partner, and which tokens does a CPO get to see?"""

from datetime import datetime
from itertools import islice

from chalicelib.domain.ids import PartyId
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.token.read import tokens_of, tokens_updated


def tokens_page(
    ports: Ports, since: datetime | None, until: datetime | None, offset: int, limit: int
) -> tuple[list[Token], int]:
    """A page of all tokens by last update, and how many there are in all (OCPI asks for both)."""
    uids = list(tokens_updated(ports, since, until))
    return tokens_of(ports, uids[offset : offset + limit]), len(uids)


def partner_tokens(
    ports: Ports, partner_id: PartyId, cursor: str, limit: int
) -> tuple[list[Token], str]:
    """A partner's own tokens in order of their ids, and the cursor of the next page."""
    prefix = keys.partner_token(partner_id, "").sk
    pk = keys.partner_token(partner_id, "").pk
    after = f"{prefix}{cursor}" if cursor else ""
    rows = ports.store.query(pk, prefix=prefix, after=after, limit=limit)
    found = tokens_of(ports, [str(row.body["uid"]) for row in islice(rows, limit)])
    more = rows[-1].key.sk.removeprefix(prefix) if len(rows) == limit else ""
    return found, more
