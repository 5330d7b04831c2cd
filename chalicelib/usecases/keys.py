"""Under which key does each record lie? The one list of the table's partitions (docs/adr/0008)."""

from datetime import date, datetime
from hashlib import sha256

from chalicelib.domain.ids import EntryId, PartyId, PeerId, WindowId
from chalicelib.ports.store import Key

ENTRY_SHARDS = 8
DUE_SHARDS = 16  # 3 rows a session: at 1,000 sessions/s a partition takes 187 units/s
DUE_MINUTES = 5  # the sweeper's period: rows of five minutes lie together
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


def partner_key(partner_id: PartyId, key_id: str) -> Key:
    """Finds an API key by its id, for those who may revoke it; the body names its hash."""
    return Key(f"partner#{partner_id}", f"key#{key_id}")


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


def due_rows(day: date, shard: int) -> str:
    """Partition of the owners to look at on a day (UTC), sk = five minutes of it, owner's pk."""
    return f"due#{day.isoformat()}#{shard}"


def due_from(at: datetime) -> str:
    """Every row of the five minutes around `at`, and of later ones that day, sorts behind it."""
    return f"{at.hour:02}:{at.minute - at.minute % DUE_MINUTES:02}"


def due_at(at: datetime, owner_pk: str) -> Key:
    """The row by which the sweeper finds an owner from that minute on."""
    rows = due_rows(at.date(), _shard(owner_pk, DUE_SHARDS))
    return Key(rows, f"{due_from(at)}#{owner_pk}")


def events(partner_id: PartyId, day: str) -> str:
    """Partition of a partner's events of a day (yyyy-mm-dd), sk = the event's id, by time."""
    return f"events#{partner_id}#{day}"


def event(partner_id: PartyId, day: str, event_id: str) -> Key:
    return Key(events(partner_id, day), event_id)


def delivery(event_id: str, endpoint_id: str) -> Key:
    return Key(f"delivery#{event_id}#{endpoint_id}")


def allotment(partner_id: PartyId, number: int, purse: str) -> Key:
    """One of the N parts of a prepaid balance or credit limit (the one shared item).

    `purse` names the method and currency, e.g. prepaid#EUR.
    """
    return Key(f"allotment#{partner_id}#{number}", purse)


def receipt(kind: str, reference: str) -> Key:
    """Owner of the entry of money that came in outside a session (top-up, invoice paid, float)."""
    return Key(f"receipt#{kind}#{reference}")


def daily_rates(day: str) -> Key:
    return Key("fx", day)


def tariff_version(tariff_hash: str) -> Key:
    return Key(f"tariff-version#{tariff_hash}")


def tariff_versions(peer_id: PeerId, country_code: str, party_id: str, tariff_id: str) -> str:
    """Partition of a published tariff's versions, sk = `<first seen>#<hash>`."""
    return f"tariff#{peer_id}#{country_code}*{party_id}#{tariff_id}"


def location(peer_id: PeerId, country_code: str, party_id: str, location_id: str) -> Key:
    return Key(f"location#{peer_id}#{country_code}*{party_id}#{location_id}")


def location_id(public_id: str) -> Key:
    """From a location's public id (`loc_…`) to the key that it lies under."""
    return Key(f"location-id#{public_id}")


def grid(cell: str) -> str:
    """Partition of the locations in a cell of the map, sk = public location id."""
    return f"grid#{cell}"


def driver(driver_hash: str) -> Key:
    """In the personal table: who a salted driver hash is."""
    return Key(f"driver#{driver_hash}")


def quarantine(owner_pk: str) -> Key:
    """Partition that lists what the stream's reader could not digest, sk = the owner."""
    return Key("quarantine", owner_pk)


def ended(window_id: WindowId, shard: int) -> str:
    """Partition of the sessions that ended in a window, billed or not, sk = session id."""
    return f"ended#{window_id}#{shard}"


def ended_session(window_id: WindowId, session_id: str) -> Key:
    return Key(ended(window_id, _shard(session_id, ENTRY_SHARDS)), session_id)


def zones() -> str:
    """Partition of the time zones that are settled, sk = the zone: which day is opened next."""
    return "zones"


def open_windows() -> str:
    """Partition of the windows whose settlement is not closed, sk = window id."""
    return "windows-open"


def unpublished_windows() -> str:
    """Partition of the closed windows whose 48-hour shares are not final, sk = window id."""
    return "windows-unpublished"


def unsettled(zone: str) -> str:
    """Partition of the entries that a zone's reconciliation held, sk = entry id; never deleted."""
    return f"unsettled#{zone}"


def held_payouts(zone: str) -> str:
    """Partition of a zone's payouts that wait for the next window to take them over."""
    return f"held#{zone}"


def window_payouts(window_id: WindowId) -> str:
    """Partition of the payouts of a window, sk = payout id."""
    return f"window-payouts#{window_id}"


def step(payout_id: str, name: str) -> Key:
    """The journal of a payout's steps, for people; name starts with the instant."""
    return Key(f"payout#{payout_id}", f"step#{name}")


def uncredited() -> str:
    """Partition of the payouts that a rail accepted and did not credit yet, sk = payout id."""
    return "payouts-uncredited"


def returned() -> str:
    """Partition of the returned payouts that two people have not agreed on yet, sk = payout id."""
    return "payouts-returned"


def to_reopen() -> str:
    """Partition of the returned payouts that two people agreed to pay again, sk = payout id."""
    return "payouts-to-reopen"


def unmatched_payout(reference: str) -> Key:
    """What a rail said of a payout that we do not know (yet)."""
    return Key("payouts-unmatched", reference)


def statements(party_id: PartyId) -> str:
    """Partition of a party's statements, sk = `<window>#<payout id>`."""
    return f"statements#{party_id}"


def token_id(id_: str) -> Key:
    """From a token's public id (`tok_…`) to its uid."""
    return Key(f"token-id#{id_}")


def partner_token(partner_id: PartyId, id_: str) -> Key:
    """A partner's list of its tokens."""
    return Key(f"partner#{partner_id}", f"token#{id_}")


def provider_event(provider: str, event_id: str) -> Key:
    """What a payment provider told us, as it came, until it is acted on and then expires."""
    return Key(f"webhook#{provider}#{event_id}")
