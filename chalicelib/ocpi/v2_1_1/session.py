"""What does an OCPI 2.1.1 Session say, whole or patched? (mod_sessions.md 3)

It names neither its owner nor our authorization: `auth_id` is the only thread. A whole Location
stands where later versions name it, and a PATCH may come without a date.
"""

from datetime import datetime

from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.report import UNDATED, Change
from chalicelib.ocpi.lenient.cost import Shape
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.session import Told, change_of, session_of
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.v2_1_1.cdr import first_of, reference_of
from chalicelib.ocpi.v2_1_1.tariff import UNKNOWN


def read_session(value: object, owner: Owner = UNKNOWN) -> tuple[ReportedSession, tuple[str, ...]]:
    """A whole Session, and what was mended in it. Raises Invalid."""
    place = Place.whole(value)
    return session_of(place, _whole_at, Shape.NUMBER, owner), place.notes.told()


def read_patch(value: object) -> tuple[Change, tuple[str, ...]]:
    """The members that a PATCH changes, and what was mended: UNDATED if it tells no date."""
    place = Place.whole(value)
    return change_of(place, _told_at, Shape.NUMBER), place.notes.told()


def _whole_at(place: Place) -> Told:
    told = _told_at(place)
    if told.last_updated != UNDATED:
        return told
    place.note("last_updated_missing", "last_updated", "is missing: its end or start was taken")
    return told._replace(last_updated=told.end or told.start or UNDATED)


def _told_at(place: Place) -> Told:
    location = place.object("location")
    evse = first_of(location, "evses")
    auth_id = place.maybe_id("auth_id")
    return Told(
        place.maybe_instant("last_updated") or UNDATED,
        _instant(place, "start_datetime", "start_date_time"),
        _instant(place, "end_datetime", "end_date_time"),
        auth_id,
        reference_of(auth_id or "") or None,
        location.maybe_id("id"),
        evse.maybe_id("uid"),
        first_of(evse, "connectors").maybe_id("id"),
    )


def _instant(place: Place, name: str, later_name: str) -> datetime | None:
    if not place.has(name) and place.has(later_name):
        place.note("foreign_member", later_name, f"was sent for {name}")
        return place.maybe_instant(later_name)
    return place.maybe_instant(name)
