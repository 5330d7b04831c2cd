"""Which token, URL and parties does a peer announce, in any version? (credentials 7.3)"""

import re
from dataclasses import dataclass

from chalicelib.domain.errors import Invalid

_TOKEN = re.compile(r"[!-~]{1,255}")  # the specification says 64; longer ones occur
_URL_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True)
class Credentials:
    """`identities` are the `CC*PID` of the roles as CPO, as announced: not yet believed.

    `hub` is the hub's own `CC*PID`, through which those parties are reached; empty without one.
    `emsps` are the roles as eMSP.
    """

    token: str
    url: str
    identities: tuple[str, ...]
    hub: str = ""
    emsps: tuple[str, ...] = ()


def checked(
    token: str,
    url: str,
    identities: tuple[str, ...],
    hub: str = "",
    emsps: tuple[str, ...] = (),
) -> Credentials:
    """Raises Invalid."""
    if not _TOKEN.fullmatch(token):
        raise Invalid("token", "is not 1 to 64 printable ASCII characters without blanks")
    if len(url) > _URL_CHARACTERS_MAX or not url.startswith(("http://", "https://")):
        raise Invalid("url", "is not the http(s) URL of a versions endpoint")
    if not identities and not hub and not emsps:
        raise Invalid("roles", "name no CPO, no hub and no eMSP: we connect to nobody else")
    return Credentials(token, url, identities, hub, emsps)
