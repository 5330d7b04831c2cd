"""Under which key lies what eMSPs that speak OCPI see and do?"""

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key


def locations_listed(peer_id: PeerId) -> str:
    """Partition that lists a CPO's locations, sk = `<CC*PID>#<location id>`."""
    return f"locations-listed#{peer_id}"


def emsp_token(token_id: str) -> Key:
    """In the personal table: an eMSP's own Token, for which we issued this one."""
    return Key(f"emsp-token#{token_id}")
