"""Under which key lies what one charging session leaves: quote, state, messages, CDR, errands?"""

from datetime import date, datetime
from functools import lru_cache

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key
from chalicelib.usecases.keys.of_shards import DUE_SHARDS, shard_of

DUE_MINUTES = 5  # the sweeper's period: rows of five minutes lie together


def quote(quote_id: str) -> Key:
    return Key(f"quote#{quote_id}")


def session(session_id: str) -> Key:
    return Key(f"session#{session_id.lower()}")  # CPOs echo it as a CiString


def reservation(reservation_id: str) -> Key:
    return Key(f"reservation#{reservation_id}")


def reserving(token_id: str, reservation_id: str) -> Key:
    """One partition a token: its reservations that may be open."""
    return Key(f"reserving#{token_id}", reservation_id)


def token(uid: str) -> Key:
    return Key(f"token#{uid.lower()}")


def tokens() -> str:
    """Partition that lists every token for OCPI's GET, sk = `<last_updated>#<uid>`."""
    return "tokens"


def token_id(id_: str) -> Key:
    """From a token's public id (`tok_…`) to its uid."""
    return Key(f"token-id#{id_}")


def payment_source(source: str) -> Key:
    """Whose a card is that a partner named: the token for which it was given first."""
    return Key(f"payment-source#{source}")


def charging(peer_id: PeerId, country_code: str, party_id: str, charger_session_id: str) -> str:
    """Partition of what a CPO told of one session, sk = `<last_updated>#<content hash>`.

    A PATCH is one put here: its key is its own duplicate check, and readers fold.
    """
    return f"charging#{peer_id}#{country_code}*{party_id}#{charger_session_id.lower()}"


def cdr(peer_id: PeerId, country_code: str, party_id: str, cdr_id: str) -> Key:
    return Key(f"cdr#{peer_id}#{country_code}*{party_id}#{cdr_id.lower()}")


def raw_cdr(name: str) -> Key:
    """A CDR as it came, by the name that its content gives."""
    return Key(f"raw-cdr#{name}")


@lru_cache(256)
def due_rows(day: date, shard: int) -> str:
    """Partition of the owners to look at on a day (UTC), sk = five minutes of it, owner's pk."""
    return f"due#{day.isoformat()}#{shard}"


def due_from(at: datetime) -> str:
    """Every row of the five minutes around `at`, and of later ones that day, sorts behind it."""
    return f"{at.hour:02}:{at.minute - at.minute % DUE_MINUTES:02}"


def due_at(at: datetime, owner_pk: str) -> Key:
    """The row by which the sweeper finds an owner from that minute on."""
    rows = due_rows(at.date(), shard_of(owner_pk, DUE_SHARDS))
    return Key(rows, f"{due_from(at)}#{owner_pk}")


def quarantine(owner_pk: str) -> Key:
    """Partition that lists what the stream's reader could not digest, sk = the owner."""
    return Key("quarantine", owner_pk)


def provider_events_reached(provider: str) -> Key:
    """Up to when a provider's own list of events has been read."""
    return Key(f"provider-events-reached#{provider}")


def provider_event(provider: str, event_id: str) -> Key:
    """What a payment provider told us, as it came, until it is acted on and then expires."""
    return Key(f"webhook#{provider}#{event_id}")
