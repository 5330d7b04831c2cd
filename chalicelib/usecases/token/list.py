"""Which tokens has a partner, and which tokens does a CPO get to see?

A token tells of a person, and a card's uid is what chargers read from it. So a CPO is told of those
that may charge there: of partners that have an agreement for it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from chalicelib.domain.agreement.agreement import Agreement
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.ids import PartyId
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO, agreements_of
from chalicelib.usecases.network.recent import recent
from chalicelib.usecases.party.read import parties
from chalicelib.usecases.token.read import tokens_of, tokens_updated

_PAGE = 500
_OVERLAP = timedelta(minutes=5)  # what is known of agreements may be a minute old


def tokens_page(
    ports: Ports,
    connection: Connection,
    span: tuple[datetime | None, datetime | None],
    part: tuple[int, int],
) -> tuple[list[Token], int]:
    """A page of those that a CPO may know, by last update, and how many there are in all.

    `span` is [from, to), `part` (offset, limit). When an agreement begins within the span, all
    tokens of its partner are news.
    """
    name = ("charging at", connection.id)
    known = recent(ports, name, lambda: _partners(ports, connection))
    since, until = span
    news = {
        partner_id
        for partner_id, begun_at in known.items()
        if since is not None
        and since - _OVERLAP <= begun_at
        and (until is None or begun_at < until)
    }
    uids = [
        uid
        for uid, partner_id in tokens_updated(ports, since, until)
        if partner_id in known and partner_id not in news
    ]
    uids += [uid for partner_id in sorted(news) for uid in _uids_of(ports, partner_id)]
    offset, limit = part
    return tokens_of(ports, uids[offset : offset + limit]), len(uids)


def _partners(ports: Ports, connection: Connection) -> dict[PartyId, datetime]:
    """Those that may charge at the CPOs of a connection today, and since when."""
    today, found = ports.clock.now().date(), dict[PartyId, datetime]()
    here = {EVERY_CPO, *connection.identities.values()}
    for party in parties(ports):
        if party.kind is not PartyKind.PARTNER:
            continue
        for agreement in agreements_of(ports, party.id):
            if agreement.cpo_id in here and agreement.holds_on(today) and agreement.in_order:
                begun_at = _begun_at(agreement)
                found[party.id] = max(begun_at, found.get(party.id, begun_at))
    return found


def _begun_at(agreement: Agreement) -> datetime:
    """Terms may be signed on the day that they hold from, or later."""
    first = datetime.combine(agreement.since, time(), tzinfo=UTC)
    return max(first, *(signature.at for signature in agreement.signatures))


def _uids_of(ports: Ports, partner_id: PartyId) -> Iterator[str]:
    after = ""
    while True:
        found, after = partner_tokens(ports, partner_id, after, _PAGE)
        yield from (token.uid for token in found)
        if not after:
            return


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
