"""Whose is an object that does not say so? 2.1.1 tells it in the URL, or not at all in a list."""

from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Owner


def owner_at(place: Place, around: Owner | None) -> Owner:
    """What the object says counts; `around` is the owner where it says nothing. Raises Invalid."""
    if around is None:
        return Owner(place.upper("country_code"), place.upper("party_id"))
    return Owner(
        place.maybe_upper("country_code") or around.country_code,
        place.maybe_upper("party_id") or around.party_id,
    )
