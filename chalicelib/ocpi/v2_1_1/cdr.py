"""What does an OCPI 2.1.1 CDR say? (mod_cdrs.md 3 and 4)

It names neither its owner nor its session, holds a whole Location with the one EVSE and connector,
and its periods name no tariff: they are priced by the CDR's, if it has just one.
"""

from dataclasses import replace

from chalicelib.domain.connection.ours import REFERENCE_PREFIX
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.ocpi.lenient.cdr import Charged, cdr_of
from chalicelib.ocpi.lenient.owner import owner_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.v2_1_1.tariff import DIALECT, UNKNOWN

_PLACES_MAX = 100


def read_cdr(
    value: object, raw_hash: str = "", owner: Owner = UNKNOWN
) -> tuple[ReceivedCdr, tuple[str, ...]]:
    """A CDR, and what was mended in it. Raises Invalid naming the member to blame.

    An embedded tariff without a reading is left out and noted: the price is not taken from it.
    """
    place = Place.whole(value)
    cdr = cdr_of(place, _charged(place, owner_at(place, owner)), DIALECT, raw_hash)
    if not cdr.authorization_reference:
        cdr = replace(cdr, authorization_reference=reference_of(cdr.token_uid))
    return cdr, place.notes.told()


def reference_of(auth_id: str) -> str:
    """Our authorization_reference, where the CPO echoes it: START_SESSION sends it as auth_id."""
    reference = auth_id.lower()  # a CiString: some write it in capitals
    return reference if reference.startswith(REFERENCE_PREFIX) else ""


def time_zone_of(value: object) -> str:
    """The IANA zone of the CDR's Location, empty where it tells none. Raises Invalid."""
    return Place.whole(value).object("location").text("time_zone")


def _charged(place: Place, owner: Owner) -> Charged:
    location = place.object("location")
    evse = first_of(location, "evses")
    end = "stop_date_time"
    if not place.has(end) and place.has("end_date_time"):
        end = "end_date_time"
        place.note("foreign_member", end, "was sent for stop_date_time")
    return Charged(
        owner=owner,
        start=place.instant("start_date_time"),
        end=place.instant(end),
        token_uid=place.text("auth_id"),
        location_id=location.text("id"),
        evse_uid=evse.text("uid"),
        connector_id=first_of(evse, "connectors").text("id"),
        default_tariff_id=True,
    )


def first_of(place: Place, name: str) -> Place:
    """A CDR's or Session's Location holds the one EVSE and connector that were used."""
    for found in place.objects(name, _PLACES_MAX):
        return found
    return Place({}, place.notes, place, name)
