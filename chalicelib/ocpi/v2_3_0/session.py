"""What does an OCPI 2.3.0 Session say, whole or patched? (mod_sessions 9.3) Costs tell taxes."""

from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.report import Change
from chalicelib.ocpi.lenient.cost import Shape
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.session import change_of, session_of, told_at


def read_session(value: object) -> tuple[ReportedSession, tuple[str, ...]]:
    """A whole Session, and what was mended in it. Raises Invalid."""
    place = Place.whole(value)
    return session_of(place, told_at, Shape.TAXED), place.notes.told()


def read_patch(value: object) -> tuple[Change, tuple[str, ...]]:
    """The members that a PATCH changes, and what was mended. Raises Invalid."""
    place = Place.whole(value)
    return change_of(place, told_at, Shape.TAXED), place.notes.told()
