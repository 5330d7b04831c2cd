"""Which token, URL and roles are exchanged in a handshake? (credentials 7.3)

A hub of 2.2.1 announces itself alone, as role HUB; one of 2.3.0 all the parties that are reached
through it, and itself as `hub_party_id`. Both are understood in either version.
"""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.credentials import Credentials, checked
from chalicelib.ocpi.lenient.place import Place

_COUNTRY, _PARTY = 2, 3
_ROLES_MAX = 10_000  # a hub of 2.3.0 names every party behind it


def read_credentials(value: Any) -> Credentials:  # noqa: ANN401 - any JSON
    """A peer's Credentials object. Raises Invalid."""
    place = Place.answer(value)
    place.require("token", "url", "roles")
    roles = [(role.upper("role"), _identity(role)) for role in place.objects("roles", _ROLES_MAX)]
    cpos, emsps, hubs = (
        tuple(identity for role, identity in roles if role == kind)
        for kind in ("CPO", "EMSP", "HUB")
    )
    named = place.maybe_upper("hub_party_id")
    hub = _hub(named) if named else next(iter(hubs), "")
    return checked(place.text("token"), place.text("url"), cpos, hub, emsps)


def _identity(role: Place) -> str:
    return f"{role.upper('country_code')}*{role.upper('party_id')}"


def _hub(text: str) -> str:
    """Two letters and three characters in one."""
    if len(text) != _COUNTRY + _PARTY:
        raise Invalid("hub_party_id", "is not a country code and a party id in five characters")
    return f"{text[:_COUNTRY]}*{text[_COUNTRY:]}"


def write_credentials(
    token: str, versions_url: str, cpos: Sequence[str] | None = None
) -> dict[str, Any]:
    """To a CPO we are an eMSP; to an eMSP a hub and the CPOs (`CC*PID`) behind it."""
    us = _role("EMSP" if cpos is None else "HUB", f"{COUNTRY_CODE}*{PARTY_ID}")
    roles = [us, *(_role("CPO", identity) for identity in cpos or ())]
    return {"token": token, "url": versions_url, "roles": roles}


def _role(role: str, identity: str) -> dict[str, Any]:
    country, _, party = identity.partition("*")
    return {
        "role": role,
        "country_code": country,
        "party_id": party,
        "business_details": {"name": NAME},
    }
