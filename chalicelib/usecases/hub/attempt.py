"""Which start is meant by what is asked again? One while it may begin, a new one after that."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.hub.session import Begun
from chalicelib.domain.ids import PartyId, PeerId, SessionId, external_id
from chalicelib.domain.session.lifecycle import OPEN, too_late
from chalicelib.domain.session.quote import START_WITHIN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put
from chalicelib.usecases import keys
from chalicelib.usecases.records import find

UNDER_WAY = OPEN | {SessionState.REQUESTED, SessionState.AUTHORISED}
_KEPT = timedelta(days=1)
_EARLIER_MAX = 20
_ALWAYS = datetime.max.replace(tzinfo=UTC)


def attempt(
    ports: Ports, partner_id: PartyId, peer_id: PeerId, asked: str, *, at_charger: bool
) -> tuple[str, Session | None]:
    """The idempotency key of what is asked, and the session that it began already.

    The same is asked once while its session is under way; after that, an eMSP that always sends
    the same command, or a driver with the same card, may start another one. A card that is held
    again too late for its start is another one, too: that start may be given up at any time. A
    command is not, since both may reach the charger.
    """
    now, key = ports.clock.now(), keys.emsp_command(peer_id, asked)
    item = ports.store.get(key)
    if item is not None:
        at = from_plain(datetime, item.body["at"])
        name = f"{asked}#{item.body['at']}"
        known = find(ports.store, keys.session(_id(partner_id, name)), Session)
        if known is not None and known.value.state in UNDER_WAY:
            if not (at_charger and too_late(known.value, now)):
                return name, known.value
        elif known is None and now - at < START_WITHIN:
            return name, None
    earlier = [] if item is None else [*item.body.get("earlier", ()), item.body["at"]]
    young = [at for at in earlier if now - from_plain(datetime, at) < _KEPT]
    body = {"at": to_plain(now), "earlier": young[-_EARLIER_MAX:]}
    until = int((now + _KEPT).timestamp())
    version = ABSENT if item is None else item.version
    ports.store.write(Put(key, body, expects=version, expires_at=until))
    return f"{asked}#{body['at']}", None


def waits(ports: Ports, partner_id: PartyId, peer_id: PeerId, asked: str) -> Session | None:
    """The last start by the same card whose charger may still tell of it: its money is held."""
    begun = _begun(ports, partner_id, peer_id, asked)
    return next((one for one in reversed(begun) if one.state in UNDER_WAY), None)


def begins_in_time(ports: Ports, session: Session, at: datetime, skew: timedelta) -> bool:
    """Whether a charge that began then may be this session's, though its CPO says no reference.

    Where a card was held several times, the charges from one time to the next are the first one's.
    """
    told = session.detail.get("emsp")
    if told is None:
        return at >= session.requested_at - skew
    peer_id, asked = from_plain(Begun, told).peer_id, session.request_hash
    begun = _begun(ports, session.partner_id, peer_id, asked)
    others = [one.requested_at for one in begun if one.id != session.id]
    # Only where two times were that near to each other does a clock that is off tell them apart.
    if any(timedelta(0) < session.requested_at - other <= START_WITHIN + skew for other in others):
        skew = timedelta(0)
    later = (other for other in others if other > session.requested_at)
    return session.requested_at - skew <= at < min(later, default=_ALWAYS)


def _begun(ports: Ports, partner_id: PartyId, peer_id: PeerId, asked: str) -> Sequence[Session]:
    """What was begun by asking the same within a day, in order; what was refused is not there."""
    item = ports.store.get(keys.emsp_command(peer_id, asked))
    if item is None:
        return ()
    times = [str(at) for at in (*item.body.get("earlier", ()), item.body["at"])]
    wanted = [keys.session(_id(partner_id, f"{asked}#{at}")) for at in times]
    found = ports.store.get_many(wanted)
    return [from_plain(Session, found[key].body) for key in wanted if key in found]


def _id(partner_id: PartyId, name: str) -> SessionId:
    return SessionId(external_id("ses", partner_id, name))
