"""Which token is meant, by the id that partners know or by the uid that CPOs know?"""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.refusals import TokenUnknown
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, find

_PAGE = 500


def token_by_uid(ports: Ports, uid: str) -> Token:
    """The token of a uid, whatever its letters' case. Raises TokenUnknown."""
    record = find(ports.store, keys.token(uid), Token)
    if record is None:
        raise TokenUnknown(uid)
    return record.value


def token_by_id(ports: Ports, partner_id: PartyId, token_id: str) -> Token:
    """A partner's own token; another's looks as if it were not there. Raises NotFound."""
    return token_record(ports, partner_id, token_id).value


def check_valid(token: Token) -> None:
    """Raises Invalid for a token that was withdrawn."""
    if not token.valid:
        raise Invalid("token_id", f"token {token.id} was withdrawn", "issue a new token")


def token_record(ports: Ports, partner_id: PartyId, token_id: str) -> Record[Token]:
    pointer = ports.store.get(keys.token_id(token_id))
    if pointer is not None:
        record = find(ports.store, keys.token(str(pointer.body["uid"])), Token)
        if record is not None and record.value.partner_id == partner_id:
            return record
    raise NotFound("token", token_id, "token_id")


def row_key(token: Token) -> Key:
    """Where a token stands in the list of all, by when it was last updated."""
    at = token.last_updated.replace(tzinfo=None).isoformat(timespec="microseconds")
    return Key(keys.tokens(), f"{at}Z#{token.uid}")


def tokens_updated(
    ports: Ports, since: datetime | None, until: datetime | None
) -> Iterator[tuple[str, PartyId]]:
    """The uids of all tokens last updated in [since, until), oldest first, and whose they are."""
    after = _bound(since) if since is not None else ""
    end = _bound(until) if until is not None else "~"
    while True:
        rows = ports.store.query(keys.tokens(), after=after, limit=_PAGE)
        for row in rows:
            if row.key.sk >= end:
                return
            yield row.key.sk.partition("#")[2], PartyId(str(row.body["of"]))
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def tokens_of(ports: Ports, uids: list[str]) -> list[Token]:
    items = ports.store.get_many([keys.token(uid) for uid in uids])
    found = (items.get(keys.token(uid)) for uid in uids)
    return [from_plain(Token, item.body) for item in found if item is not None]


def _bound(at: datetime) -> str:
    """Sorts before every row of the instant, and after every earlier one."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
