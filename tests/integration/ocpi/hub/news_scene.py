"""A CPO changes something: what was its eMSP told?"""

from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import Wire

PLACE = "/ocpi/2.2.1/locations/DE/RHE/L1"


def at(minute: int) -> str:
    return f"2026-11-16T08:{minute:02}:00Z"


def status(cpo: Peer, status: str, minute: int, evse: str = "E1") -> None:
    change = {"status": status, "last_updated": at(minute)}
    assert cpo.send("PATCH", f"{PLACE}/{evse}", change).status == 1000


def sent(wire: Wire) -> list[tuple[str, str]]:
    return [(method, url.partition(".RECEIVER")[2]) for method, url, *_ in wire.sent]
