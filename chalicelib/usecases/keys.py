"""Under which key does each record lie? The one list of the table's partitions (docs/adr/0008)."""

from datetime import datetime
from hashlib import sha256

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import EntryId, PartyId, PeerId, WindowId
from chalicelib.ports.store import Key

ENTRY_SHARDS = 8
DUE_SHARDS = 4
ALLOTMENTS = 4


def _shard(text: str, shards: int) -> int:
    return int(sha256(text.encode()).hexdigest()[:8], 16) % shards


def party(party_id: str) -> Key:
    return Key(f"party#{party_id}")


def parties() -> str:
    """Partition that lists every party, sk = its id (few, changed by staff only)."""
    return "parties"


def agreements(partner_id: PartyId) -> str:
    """Partition of a partner's agreements, sk = `agreement#<cpo or *>#<since>`."""
    return f"partner#{partner_id}"


def agreement(partner_id: PartyId, cpo_id: str, since: str) -> Key:
    return Key(agreements(partner_id), f"agreement#{cpo_id}#{since}")


def endpoint(partner_id: PartyId, endpoint_id: str) -> Key:
    return Key(f"partner#{partner_id}", f"endpoint#{endpoint_id}")


def api_key(key_hash: str) -> Key:
    return Key(f"key#{key_hash}")


def idempotency(partner_id: PartyId, operation: str, key: str) -> Key:
    return Key(f"idempotency#{partner_id}", f"{operation}#{sha256(key.encode()).hexdigest()}")


def quote(quote_id: str) -> Key:
    return Key(f"quote#{quote_id}")


def session(session_id: str) -> Key:
    return Key(f"session#{session_id}")


def partner_sessions(partner_id: PartyId, month: str) -> str:
    """Partition of a partner's sessions of a month (yyyymm), sk = `<requested_at>#<session id>`."""
    return f"partner#{partner_id}#{month}"


def token(uid: str) -> Key:
    return Key(f"token#{uid.lower()}")


def tokens() -> str:
    """Partition that lists every token for OCPI's GET, sk = `<last_updated>#<uid>`."""
    return "tokens"


def peer(peer_id: PeerId) -> Key:
    return Key(f"peer#{peer_id}")


def peers() -> str:
    """Partition that lists every connection, sk = its id."""
    return "peers"


def ocpi_token(token_hash: str) -> Key:
    """From the SHA-256 of the token that a peer shows to its connection."""
    return Key(f"ocpi-token#{token_hash}")


def charging(peer_id: PeerId, country_code: str, party_id: str, charger_session_id: str) -> str:
    """Partition of what a CPO told of one session, sk = `<last_updated>#<content hash>`.

    A PATCH is one put here: its key is its own duplicate check, and readers fold.
    """
    return f"charging#{peer_id}#{country_code}*{party_id}#{charger_session_id}"


def cdr(peer_id: PeerId, country_code: str, party_id: str, cdr_id: str) -> Key:
    return Key(f"cdr#{peer_id}#{country_code}*{party_id}#{cdr_id}")


def entries(window: WindowId, shard: int) -> str:
    return f"entry#{window}#{shard}"


def entry(window: WindowId, entry_id: EntryId) -> Key:
    return Key(entries(window, _shard(entry_id, ENTRY_SHARDS)), entry_id)


def window(window_id: WindowId) -> Key:
    return Key(f"window#{window_id}")


def windows() -> str:
    """Partition that lists every window that was ever opened, sk = its id."""
    return "windows"


def payout(payout_id: str) -> Key:
    return Key(f"payout#{payout_id}")


def due(minute: str, shard: int) -> str:
    return f"due#{minute}#{shard}"


def due_at(at: datetime, owner_pk: str) -> Key:
    """The row by which the sweeper finds an owner from that minute on."""
    minute = instant_text(at)[:16]
    return Key(due(minute, _shard(owner_pk, DUE_SHARDS)), owner_pk)


def events(partner_id: PartyId, day: str) -> str:
    """Partition of a partner's events of a day (yyyy-mm-dd), sk = `<at>#<event id>`."""
    return f"events#{partner_id}#{day}"


def delivery(event_id: str, endpoint_id: str) -> Key:
    return Key(f"delivery#{event_id}#{endpoint_id}")


def allotment(partner_id: PartyId, number: int) -> Key:
    """One of the N parts of a prepaid balance or credit limit (the one shared item)."""
    return Key(f"allotment#{partner_id}#{number}")


def daily_rates(day: str) -> Key:
    return Key("fx", day)


def tariff_version(tariff_hash: str) -> Key:
    return Key(f"tariff-version#{tariff_hash}")


def tariff_versions(peer_id: PeerId, country_code: str, party_id: str, tariff_id: str) -> str:
    """Partition of a published tariff's versions, sk = `<first seen>#<hash>`."""
    return f"tariff#{peer_id}#{country_code}*{party_id}#{tariff_id}"


def location(peer_id: PeerId, country_code: str, party_id: str, location_id: str) -> Key:
    return Key(f"location#{peer_id}#{country_code}*{party_id}#{location_id}")
