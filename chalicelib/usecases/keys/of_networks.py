"""Under which key lies what the CPOs publish: connections, locations, tariffs?"""

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key


def peer(peer_id: PeerId) -> Key:
    return Key(f"peer#{peer_id}")


def peers() -> str:
    """Partition that lists every connection, sk = its id."""
    return "peers"


def ocpi_token(token_hash: str) -> Key:
    """From the SHA-256 of the token that a peer shows to its connection."""
    return Key(f"ocpi-token#{token_hash}")


def tariff_version(tariff_hash: str) -> Key:
    return Key(f"tariff-version#{tariff_hash}")


def tariff_versions(peer_id: PeerId, country_code: str, party_id: str, tariff_id: str) -> str:
    """Partition of a published tariff's versions, sk = `<first seen>#<hash>`."""
    return f"tariff#{peer_id}#{country_code}*{party_id}#{tariff_id}"


def tariff_findings(peer_id: PeerId) -> str:
    """Partition of a peer's tariffs whose newest publication has findings, sk = the tariff."""
    return f"tariff-findings#{peer_id}"


def tariffs_addressed(peer_id: PeerId) -> str:
    """Partition of a peer's tariffs that are for one partner only, sk = `<CC*PID>#<tariff id>`."""
    return f"tariffs-addressed#{peer_id}"


def location(peer_id: PeerId, country_code: str, party_id: str, location_id: str) -> Key:
    return Key(f"location#{peer_id}#{country_code}*{party_id}#{location_id}")


def location_id(public_id: str) -> Key:
    """From a location's public id (`loc_…`) to the key that it lies under."""
    return Key(f"location-id#{public_id}")


def grid(cell: str) -> str:
    """Partition of the locations in a cell of the map, sk = public location id."""
    return f"grid#{cell}"
