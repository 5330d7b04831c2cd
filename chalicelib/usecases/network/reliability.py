"""Where do starts fail? What was seen at an EVSE is remembered beside its row on the map.

Nothing is written where nothing ever failed, so an ordinary session costs no write. The counts rank
chargers and move no money: one that is lost in a crash or a race is not missed.
"""

from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.network.location import Location
from chalicelib.domain.network.record import UNSEEN, Record
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import StoreUnavailable, WriteConflict
from chalicelib.usecases.network.on_the_map import remember
from chalicelib.usecases.network.read import location_by_id

# Of why a session never became one, what the charger is to blame for: an EVSE that is taken, or a
# hold that was declined, says nothing of the next driver's chance.
ITS_FAULT = frozenset(
    {"start_failed", "start_evse_inoperative", "start_rejected", "cpo_silent", "stuck_pending"}
)


def saw_it_fail(ports: Ports, session: Session) -> None:
    """A session was refused or given up: remembered where its charger is to blame."""
    if session.reason in ITS_FAULT:
        _saw(ports, session, worked=False)


def saw_it_work(ports: Ports, session: Session) -> None:
    """A session was billed."""
    _saw(ports, session, worked=True)


def _saw(ports: Ports, session: Session, *, worked: bool) -> None:
    try:
        location = location_by_id(ports, session.place_id)
        saw(ports, location, session.evse_uid, worked=worked)
    except (LocationUnknown, WriteConflict, StoreUnavailable):
        return


def saw(ports: Ports, location: Location, evse_uid: str, *, worked: bool) -> None:
    """A session that was started at an EVSE worked, or failed."""

    def one_more(seen: dict[str, Record]) -> dict[str, Record]:
        known = seen.get(evse_uid)
        if known is None and worked:
            return seen
        there = {evse.uid for evse in location.evses}
        kept = {uid: record for uid, record in seen.items() if uid in there}
        return kept | {evse_uid: (known or UNSEEN).and_one_more(worked=worked)}

    remember(ports, location, one_more)
