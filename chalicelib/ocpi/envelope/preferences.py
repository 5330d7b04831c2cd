"""How are a driver's wishes told, and what is answered? (ChargingPreferences of mod_sessions)"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid
from chalicelib.domain.session.preferences import Preferences, Profile, ProfileUnknown
from chalicelib.ocpi.lenient.basic import upper_of
from chalicelib.ocpi.lenient.place import Place


def write_preferences(preferences: Preferences) -> dict[str, Any]:
    body: dict[str, Any] = {
        "profile_type": preferences.profile.value,
        "discharge_allowed": preferences.discharge_allowed,
    }
    if preferences.departure is not None:
        body["departure_time"] = instant_text(preferences.departure)
    if preferences.energy_need_kwh is not None:
        body["energy_need"] = preferences.energy_need_kwh
    return body


def read_preferences(value: Mapping[str, Any]) -> Preferences:
    """Raises Invalid, ProfileUnknown."""
    place = Place.whole(value)
    name, energy_kwh = place.upper("profile_type"), place.maybe_number("energy_need")
    departure, discharge = place.maybe_instant("departure_time"), place.flag("discharge_allowed")
    if energy_kwh is not None and energy_kwh < 0:
        raise place.invalid("energy_need", "is negative")
    if name not in Profile.__members__:
        raise ProfileUnknown(name)
    return Preferences(Profile(name), departure, energy_kwh, discharge)


def read_preferences_answer(value: object) -> str:
    """A ChargingPreferencesResponse. Raises Invalid."""
    try:
        return upper_of(value)
    except ValueError as error:
        raise Invalid("data", str(error)) from error
