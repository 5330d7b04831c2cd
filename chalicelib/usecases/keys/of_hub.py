"""Under which key lies what eMSPs that speak OCPI see and do?"""

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key


def locations_listed(peer_id: PeerId) -> str:
    """Partition that lists a CPO's locations, sk = `<CC*PID>#<location id>`."""
    return f"locations-listed#{peer_id}"


def emsp_token(token_id: str) -> Key:
    """In the personal table: an eMSP's own Token, for which we issued this one."""
    return Key(f"emsp-token#{token_id}")


def emsp_command(peer_id: PeerId, request_hash: str) -> Key:
    """When an eMSP first sent a START_SESSION: the same one soon after is no second start."""
    return Key(f"emsp-command#{peer_id}#{request_hash}")


def emsp_sessions(peer_id: PeerId) -> str:
    """Partition of what an eMSP was told of its sessions, sk = `<told at>#<session id>`."""
    return f"emsp-sessions#{peer_id}"


def emsp_cdrs(peer_id: PeerId) -> str:
    """Partition of the CDRs for an eMSP, sk = `<billed at>#<session id>`."""
    return f"emsp-cdrs#{peer_id}"


def emsp_news(peer_id: PeerId) -> Key:
    """When an eMSP is told next of what CPOs changed."""
    return Key(f"emsp-news#{peer_id}")


def emsp_news_rows(peer_id: PeerId) -> str:
    """Partition of the locations and tariffs that an eMSP is to be told, each once."""
    return f"emsp-news-rows#{peer_id}"
