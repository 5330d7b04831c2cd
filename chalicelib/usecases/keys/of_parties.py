"""Under which key lies what belongs to a party: its terms, keys, webhooks, lists and purses?"""

from hashlib import sha256

from chalicelib.domain.ids import PartyId
from chalicelib.ports.store import Key

ALLOTMENTS = 4


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


def proposal(partner_id: PartyId, agreement_id: str) -> Key:
    """Terms that one side proposed, and who signed them."""
    return Key(agreements(partner_id), f"proposal#{agreement_id}")


def agreed(partner_id: PartyId, cpo_id: str) -> Key:
    """Counts the agreements between two sides: what keeps two that overlap from both coming in."""
    return Key(agreements(partner_id), f"agreed#{cpo_id}")


def agreement_id(id_: str) -> Key:
    """From an agreement's id to the partner that it lies with."""
    return Key(f"agreement-id#{id_}")


def volumes(partner_id: PartyId) -> str:
    """Partition of a partner's counted months, sk = yyyymm."""
    return f"volume#{partner_id}"


def volume(partner_id: PartyId, month: str) -> Key:
    return Key(volumes(partner_id), month)


def partner_key(partner_id: PartyId, key_id: str) -> Key:
    """Finds an API key by its id, for those who may revoke it; the body names its hash."""
    return Key(f"partner#{partner_id}", f"key#{key_id}")


def endpoint(partner_id: PartyId, endpoint_id: str) -> Key:
    return Key(f"partner#{partner_id}", f"endpoint#{endpoint_id}")


def api_key(key_hash: str) -> Key:
    return Key(f"key#{key_hash}")


def idempotency(partner_id: PartyId, operation: str, key: str) -> Key:
    return Key(f"idempotency#{partner_id}", f"{operation}#{sha256(key.encode()).hexdigest()}")


def partner_sessions(partner_id: PartyId, month: str) -> str:
    """Partition of a partner's sessions of a month (yyyymm), sk = `<requested_at>#<session id>`."""
    return f"partner#{partner_id}#{month}"


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


def driver(driver_hash: str) -> Key:
    """In the personal table: who a salted driver hash is."""
    return Key(f"driver#{driver_hash}")


def partner_token(partner_id: PartyId, id_: str) -> Key:
    """A partner's list of its tokens."""
    return Key(f"partner#{partner_id}", f"token#{id_}")


def spending(partner_id: PartyId, of: str, name: str, span: str) -> str:
    """Partition of the sessions that count against a budget (of a driver, vehicle, cost centre) in
    a day or month, sk = the session's id.
    """
    return f"spending#{partner_id}#{of}#{name}#{span}"


def statements(party_id: PartyId) -> str:
    """Partition of a party's statements, sk = `<window>#<payout id>`."""
    return f"statements#{party_id}"


def destination(account: str) -> Key:
    """Why a payout account is blocked, and until whom; no row: it is not."""
    return Key(f"destination#{account}")


def destinations(party_id: PartyId) -> str:
    """Partition of the payout accounts proposed for a party, sk = account."""
    return f"destinations#{party_id}"
