"""How does a driver want to be charged? (OCPI mod_sessions, ChargingPreferences, since 2.2)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Conflict, Rejected

CAPABILITY = "CHARGING_PREFERENCES_CAPABLE"


class Profile(StrEnum):
    CHEAP = "CHEAP"
    FAST = "FAST"
    GREEN = "GREEN"
    REGULAR = "REGULAR"


class Answer(StrEnum):
    """ChargingPreferencesResponse (mod_sessions 9.4.1)."""

    ACCEPTED = "ACCEPTED"
    DEPARTURE_REQUIRED = "DEPARTURE_REQUIRED"
    ENERGY_NEED_REQUIRED = "ENERGY_NEED_REQUIRED"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    PROFILE_TYPE_NOT_SUPPORTED = "PROFILE_TYPE_NOT_SUPPORTED"


@dataclass(frozen=True, slots=True)
class Preferences:
    profile: Profile
    departure: datetime | None = None
    energy_need_kwh: Decimal | None = None
    discharge_allowed: bool = False


class NotCharging(Conflict):
    code = "not_charging"
    field = "session_id"
    how_to_fix = "Wait for session.started."

    def __init__(self, session_id: str, state: str) -> None:
        super().__init__(
            f"session {session_id} is {state}, and preferences are of one that charges"
        )
        self.session_id, self.state = session_id, state


class NoPreferences(Rejected):
    """OCPI answers it with HTTP 404 and status 2001."""

    code = "no_preferences"
    how_to_fix = "Send preferences to EVSEs with the capability CHARGING_PREFERENCES_CAPABLE."

    def __init__(self, evse_uid: str) -> None:
        super().__init__(f"EVSE {evse_uid!r} takes no charging preferences")
        self.evse_uid = evse_uid


class ProfileUnknown(Rejected):
    code = "profile_unknown"
    field = "profile_type"
    how_to_fix = "Name a ProfileType of OCPI."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is not a ProfileType")
        self.name = name


class OtherProfile(Rejected):
    """A CPO may price each profile by a tariff of its own: what was quoted is what is billed."""

    code = "other_profile"
    field = "profile"
    how_to_fix = "Ask for what was quoted; the next quote may be by another tariff."

    def __init__(self, quoted: str) -> None:
        super().__init__(f"this session was quoted by a tariff for {quoted}")
        self.quoted = quoted


def check_profile(tariff_type: str, profile: Profile) -> None:
    """`tariff_type` is OCPI's TariffType of the tariff quoted. Raises OtherProfile."""
    kind, _, quoted = tariff_type.partition("_")
    if kind == "PROFILE" and quoted != profile.value:
        raise OtherProfile(quoted)


def as_detail(preferences: Preferences) -> dict[str, str]:
    """The texts of an effect."""
    departure, energy = preferences.departure, preferences.energy_need_kwh
    return {
        "profile": preferences.profile.value,
        "discharge": str(preferences.discharge_allowed).lower(),
        "departure": "" if departure is None else instant_text(departure),
        "energy_kwh": "" if energy is None else format(energy, "f"),
    }


def of_detail(detail: Mapping[str, str]) -> Preferences:
    departure, energy = detail["departure"], detail["energy_kwh"]
    return Preferences(
        Profile(detail["profile"]),
        None if not departure else datetime.fromisoformat(departure),
        None if not energy else Decimal(energy),
        detail["discharge"] == "true",
    )
