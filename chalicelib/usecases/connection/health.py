"""What is known of how a CPO's connection works?"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.connection.health import Day, PeerHealth, counted, doubted
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, WriteConflict
from chalicelib.usecases import keys

_TOGETHER, _TRIES = 100, 3


def health_of(ports: Ports, peer_id: PeerId) -> PeerHealth:
    """Of a peer that was never pulled, nothing."""
    return healths(ports, [peer_id])[peer_id]


def healths(ports: Ports, peer_ids: Sequence[PeerId]) -> dict[PeerId, PeerHealth]:
    found: dict[PeerId, PeerHealth] = {}
    for start in range(0, len(peer_ids), _TOGETHER):
        part = peer_ids[start : start + _TOGETHER]
        items = ports.store.get_many([keys.peer_health(id_) for id_ in part])
        for id_ in part:
            item = items.get(keys.peer_health(id_))
            found[id_] = PeerHealth() if item is None else from_plain(PeerHealth, item.body)
    return found


def change_health(
    ports: Ports, peer_id: PeerId, change: Callable[[PeerHealth], PeerHealth]
) -> PeerHealth:
    """Write and return what it is after a change; in a race it is read again, and at last left."""
    key, known = keys.peer_health(peer_id), PeerHealth()
    for _ in range(_TRIES):
        item = ports.store.get(key)
        known = PeerHealth() if item is None else from_plain(PeerHealth, item.body)
        now = change(known)
        version = ABSENT if item is None else item.version
        with suppress(WriteConflict):
            if now != known:
                ports.store.write(Put(key, to_plain(now), expects=version))
            return now
    return known


def doubt(ports: Ports, peer_id: PeerId, module: str, since: datetime) -> None:
    """A push told otherwise what has the same `last_updated`: the next list must tell it again.

    Written before the object: a doubt without one does no harm.
    """
    at = ports.clock.now()
    change_health(ports, peer_id, lambda health: doubted(health, module, since, at))


def start_unanswered(ports: Ports, peer_id: PeerId) -> None:
    """A START_SESSION was sent, and nobody knows whether it arrived."""
    at = ports.clock.now()
    change_health(ports, peer_id, lambda health: counted(health, at, Day(starts_unanswered=1)))
