"""Under which key lies what the CPOs publish: connections, locations, tariffs?

OCPI's ids are case-insensitive (CiString), and some peers change their case on the way.
"""

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key


def peer(peer_id: PeerId) -> Key:
    return Key(f"peer#{peer_id}")


def peers() -> str:
    """Partition that lists every connection, sk = its id."""
    return "peers"


def peer_health(peer_id: PeerId) -> Key:
    """What the pull has learned of a peer, and where it goes on."""
    return Key(f"peer-health#{peer_id}")


def client_info(peer_id: PeerId, country_code: str, party_id: str) -> Key:
    """What a hub says of a party behind it."""
    return Key(f"peer#{peer_id}", f"client#{country_code}*{party_id}")


def invoice_record(peer_id: PeerId, country_code: str, party_id: str, id_: str) -> Key:
    """What a CPO says of an invoice of its own: which CDRs are on it."""
    return Key(f"peer#{peer_id}", f"invoice#{country_code}*{party_id}#{id_}")


def ocpi_token(token_hash: str) -> Key:
    """From the SHA-256 of the token that a peer shows to its connection."""
    return Key(f"ocpi-token#{token_hash}")


def tariff_version(tariff_hash: str) -> Key:
    return Key(f"tariff-version#{tariff_hash}")


def tariff_versions(peer_id: PeerId, country_code: str, party_id: str, tariff_id: str) -> str:
    """Partition of a published tariff's versions, sk = `<first seen>#<hash>`."""
    return f"tariff#{peer_id}#{country_code}*{party_id}#{tariff_id.lower()}"


def withdrawn(versions: str) -> str:
    """Partition of a withdrawn tariff's versions, once `versions`: bills go on naming them."""
    return f"withdrawn-{versions}"


def tariffs_published(peer_id: PeerId) -> str:
    """Partition that lists a peer's tariffs, sk = `<CC*PID>#<tariff id>`."""
    return f"tariffs-published#{peer_id}"


def tariff_findings(peer_id: PeerId) -> str:
    """Partition of a peer's tariffs whose newest publication has findings, sk = the tariff."""
    return f"tariff-findings#{peer_id}"


def tariffs_addressed(peer_id: PeerId, country_code: str, party_id: str) -> Key:
    """All tariffs of a CPO that are for one partner only."""
    return Key(f"tariffs-addressed#{peer_id}", f"{country_code}*{party_id}")


def location(peer_id: PeerId, country_code: str, party_id: str, location_id: str) -> Key:
    return Key(f"location#{peer_id}#{country_code}*{party_id}#{location_id.lower()}")


def location_dates(location_key: Key) -> Key:
    """When a location was last told of as it is, beside it."""
    return Key(location_key.pk, "dates")


def location_id(public_id: str) -> Key:
    """From a location's public id (`loc_…`) to the key that it lies under."""
    return Key(f"location-id#{public_id}")


def grid(cell: str) -> str:
    """Partition of a cell of the map, sk = `<square>#<public location id>`."""
    return f"grid#{cell}"
