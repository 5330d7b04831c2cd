"""Which token, URL and roles are exchanged in a handshake? (credentials 7.3)"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.fields import Listed, Text, Upper, Wire, read

_TOKEN = re.compile(r"[!-~]{1,255}")  # the specification says 64; longer ones occur
_URL_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True)
class Credentials:
    """`identities` are the `CC*PID` of the roles as CPO, as announced: not yet believed."""

    token: str
    url: str
    identities: tuple[str, ...]


class _Role(Wire):
    role: Upper
    country_code: Upper
    party_id: Upper


class _Credentials(Wire):
    token: Text
    url: Text
    roles: Annotated[tuple[_Role, ...], Listed]


def read_credentials(value: Any) -> Credentials:  # noqa: ANN401 - any JSON
    """A peer's Credentials object. Raises Invalid."""
    wire = read(_Credentials, value, [])
    if not _TOKEN.fullmatch(wire.token):
        raise Invalid("token", "is not 1 to 64 printable ASCII characters without blanks")
    if len(wire.url) > _URL_CHARACTERS_MAX or not wire.url.startswith(("http://", "https://")):
        raise Invalid("url", "is not the http(s) URL of a versions endpoint")
    cpos = tuple(f"{r.country_code}*{r.party_id}" for r in wire.roles if r.role == "CPO")
    if not cpos:
        raise Invalid("roles", "name no CPO, and we connect to nobody else yet")
    return Credentials(wire.token, wire.url, cpos)


def write_credentials(token: str, versions_url: str) -> dict[str, Any]:
    role = {
        "role": "EMSP",
        "country_code": COUNTRY_CODE,
        "party_id": PARTY_ID,
        "business_details": {"name": NAME},
    }
    return {"token": token, "url": versions_url, "roles": [role]}
