"""How does a partner's help desk free a cable that stays locked after its driver's charge?"""

from dataclasses import replace

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.network.location import Evse
from chalicelib.domain.session.effects import added, has
from chalicelib.domain.session.session import Session
from chalicelib.domain.session.unlock import check_unlockable
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.records import write_rows_first
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing, watch

_KEYS_MAX = 5  # of requests that may come again


def unlock(ports: Ports, partner_id: PartyId, session_id: str, key: str = "") -> Session:
    """Ask the charger to unlock; an event tells its answer. One that waits for it is not repeated,
    nor is a request that comes again with its `key`, be it answered meanwhile.

    Raises NotFound, NotUnlockable.
    """

    def decide() -> Session:
        current = record(ports, session_id)
        session, at = current.value, ports.clock.now()
        if session.partner_id != partner_id:
            raise NotFound("session", session_id, "session_id")
        name, known = external_id("unl", key), session.detail.get("unlocks", [])
        if has(session, EffectKind.UNLOCK) or (key and name in known):
            return session
        check_unlockable(session, _evse(ports, session), at)
        asked = added(session, EffectKind.UNLOCK, at)
        if key:
            kept = [*known, name][-_KEYS_MAX:]
            asked = replace(asked, detail={**asked.detail, "unlocks": kept})
        rows = watch(session.id, at)  # the stream may drop it, and an ended session has no other
        write_rows_first(ports.store, rows, replacing(current, asked, at))
        return asked

    return again(decide)


def _evse(ports: Ports, session: Session) -> Evse | None:
    if not session.charger_session:
        return None
    country, party, _ = session.charger_session.split("*", 2)
    location = location_of(ports, session.peer_id, country, party, session.location_id)
    evses = () if location is None else location.evses
    return next((one for one in evses if one.uid == session.evse_uid), None)
