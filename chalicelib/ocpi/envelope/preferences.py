"""How are a driver's wishes told to a charger, and what does it answer? (mod_sessions)"""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid
from chalicelib.domain.session.preferences import Preferences
from chalicelib.ocpi.lenient.basic import upper_of


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


def read_preferences_answer(value: object) -> str:
    """A ChargingPreferencesResponse. Raises Invalid."""
    try:
        return upper_of(value)
    except ValueError as error:
        raise Invalid("data", str(error)) from error
