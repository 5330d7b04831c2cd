"""May a token charge here and now? The answer to a CPO's real-time authorization.

A start goes through the partner's API: there the price is quoted and the money secured. So a token
is allowed where a start of its driver is under way, and its reference names that session; without
one nobody would pay, whatever the charger's state (which OCPI forbids to judge here). One that is
too late counts no more, though its charger may still tell of it: it may be given up at any moment.
The card of an eMSP that speaks OCPI is such a start itself (usecases/hub/card.py).
"""

from collections.abc import Set as AbstractSet
from datetime import timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import StartTooLate, TokenUnknown, TooLittleInformation
from chalicelib.domain.session.lifecycle import too_late
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.token.authorization import Allowed, Authorization, beyond
from chalicelib.domain.token.limits import LimitReached
from chalicelib.domain.token.token import RFID, Token
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.hub.card import start_by_card
from chalicelib.usecases.token.limit import check
from chalicelib.usecases.token.read import token_by_uid

_RECENT = timedelta(hours=1)  # longer than any start is waited for
_PAGE = 100
_UNDER_WAY = frozenset(
    {SessionState.AUTHORISED, SessionState.STARTING, SessionState.CHARGING, SessionState.STOPPING}
)


def authorize(
    ports: Ports,
    connection: Connection,
    uid: str,
    types: AbstractSet[str],
    location_id: str = "",
    evse_uids: tuple[str, ...] = (),
    correlation_id: str = "",
) -> Authorization:
    """Whether the token may charge at a CPO's location, and under which reference.

    `types` are those that the CPO may mean: uid and type together name a token. An eMSP that must
    be asked is asked under the `correlation_id` of the CPO's message. Raises
    TokenUnknown, TooLittleInformation when a start could be meant but no location is named.
    """
    token = token_by_uid(ports, uid)
    if token.type not in types:
        raise TokenUnknown(uid)
    if not token.valid:
        return Authorization(Allowed.BLOCKED, token)
    known = [s for s in _recent(ports, token) if s.peer_id == connection.id]
    started = [s for s in known if not too_late(s, ports.clock.now())]
    card = token.type == RFID
    if not started and not card:
        refusal = StartTooLate(known[0].start_not_after) if known else None
        return Authorization(Allowed.NOT_ALLOWED, token, refusal=refusal)
    if not location_id:
        raise TooLittleInformation("where is the driver?")
    for session in started:
        here = session.location_id.lower() == location_id.lower()
        asked = {uid.lower() for uid in evse_uids}
        if here and (not evse_uids or session.evse_uid.lower() in asked):
            beyond = _beyond(ports, token, session)
            if beyond is not None:
                return Authorization(beyond, token)
            return Authorization(
                Allowed.ALLOWED, token, (session.evse_uid,), session.authorization_reference
            )
    if card:
        return start_by_card(ports, connection, token, location_id, evse_uids, correlation_id)
    return Authorization(Allowed.NOT_ALLOWED, token)


def _beyond(ports: Ports, token: Token, session: Session) -> Allowed | None:
    """What a token's limits have against it here and now; they may be other than at the start."""
    try:
        check(ports, token, session, ports.clock.now())
    except LimitReached as refusal:
        return beyond(refusal)
    return None


def _recent(ports: Ports, token: Token) -> list[Session]:
    """The token's sessions that may still be started or are charging, newest first."""
    now = ports.clock.now()
    found: list[Session] = []
    for month in dict.fromkeys((f"{now:%Y%m}", f"{now - _RECENT:%Y%m}")):
        found.extend(_of_month(ports, token, month, f"{now - _RECENT:%Y-%m-%dT%H:%M}"))
    return found


def _of_month(ports: Ports, token: Token, month: str, since: str) -> list[Session]:
    pk, after, found = keys.partner_sessions(token.partner_id, month), "", list[Session]()
    while True:
        rows = ports.store.query(pk, after=after, limit=_PAGE, descending=True)
        recent = [row for row in rows if row.key.sk >= since]
        wanted = [keys.session(row.key.sk.rpartition("#")[2]) for row in recent]
        items = ports.store.get_many(wanted) if wanted else {}
        sessions = (from_plain(Session, items[key].body) for key in wanted if key in items)
        found.extend(s for s in sessions if s.token_id == token.id and s.state in _UNDER_WAY)
        if len(recent) < _PAGE:
            return found
        after = rows[-1].key.sk
