"""What is an eMSP answered that tells what its driver prefers while the car charges?

Its CPO is asked by an effect, as for the partner's API: so wishes that nothing here speaks against
are ACCEPTED, which promises nothing. Whoever tells the same again hears what the CPO said to it.
"""

from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.ours import HUB_VERSIONS
from chalicelib.domain.errors import NotFound
from chalicelib.domain.session.preferences import (
    CAPABILITY,
    Answer,
    NoPreferences,
    OtherProfile,
    Preferences,
    as_detail,
)
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.told import begun_by
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.session.prefer import prefer
from chalicelib.usecases.session.read import record


def prefer_for_emsp(
    ports: Ports, connection: Connection, session_id: str, wanted: Preferences
) -> Answer:
    """Raises NotFound, NotCharging, NoPreferences."""
    session = record(ports, session_id).value
    begun = begun_by(session)
    if begun is None or begun.peer_id != connection.id:
        raise NotFound("session", session_id, "session_id")
    said: dict[str, Any] = dict(session.detail.get("preferred", {}))
    answer = said.pop("answer", "")
    if answer == "NOT_SUPPORTED" or not _capable(ports, session, begun.identity):
        raise NoPreferences(session.evse_uid)
    try:
        prefer(ports, connection.partner, session.id, wanted)
    except OtherProfile:  # another price than the one that was quoted
        return Answer.PROFILE_TYPE_NOT_SUPPORTED
    known = answer in Answer.__members__ and said == as_detail(wanted)
    return Answer(answer) if known else Answer.ACCEPTED


def _capable(ports: Ports, session: Session, identity: str) -> bool:
    """Whether its CPO says so of the EVSE, in a version that has preferences."""
    country, _, party = identity.partition("*")
    place = location_of(ports, session.peer_id, country, party, session.location_id)
    evses = () if place is None else place.evses
    capable = {one.uid.lower() for one in evses if CAPABILITY in one.capabilities}
    spoken = connection_of(ports, session.peer_id).version
    return session.evse_uid.lower() in capable and spoken in HUB_VERSIONS
