"""Which token, URL and roles are exchanged in a handshake? (credentials 7.3)

A hub of 2.2.1 announces itself alone, as role HUB; one of 2.3.0 all the parties that are reached
through it, and itself as `hub_party_id`. Both are understood in either version.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.credentials import Credentials, checked
from chalicelib.ocpi.envelope.fields import Listed, Text, Upper, Wire, read

_COUNTRY, _PARTY = 2, 3


class _Role(Wire):
    role: Upper
    country_code: Upper
    party_id: Upper


class _Credentials(Wire):
    token: Text
    url: Text
    hub_party_id: Upper = ""
    roles: Annotated[tuple[_Role, ...], Listed]


def read_credentials(value: Any) -> Credentials:  # noqa: ANN401 - any JSON
    """A peer's Credentials object. Raises Invalid."""
    wire = read(_Credentials, value, [])
    cpos = tuple(_identity(role) for role in wire.roles if role.role == "CPO")
    emsps = tuple(_identity(role) for role in wire.roles if role.role == "EMSP")
    hubs = [_identity(role) for role in wire.roles if role.role == "HUB"]
    hub = _hub(wire.hub_party_id) if wire.hub_party_id else next(iter(hubs), "")
    return checked(wire.token, wire.url, cpos, hub, emsps)


def _identity(role: _Role) -> str:
    return f"{role.country_code}*{role.party_id}"


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
