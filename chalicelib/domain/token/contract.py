"""Under which contract does a driver's token run? The id that CPOs print on their records."""

from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID


def contract_id(uid: str) -> str:
    """At most 36 characters, unique as the uid is (an eMA id of 14 would not be)."""
    told = uid.removeprefix(f"{PARTY_ID}_")  # of ours; a card's is told whole
    return f"{COUNTRY_CODE}-{PARTY_ID}-C{told[-24:].upper()}"


def names(told: str, uid: str) -> bool:
    """Whether a record names the token: by its uid, or, as 2.1.1's do, by its contract."""
    return told.upper() in {uid.upper(), contract_id(uid)}
