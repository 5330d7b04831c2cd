"""Under which key lies a dispute, and what waits for one?"""

from chalicelib.domain.ids import PeerId
from chalicelib.ports.store import Key


def dispute(dispute_id: str) -> Key:
    return Key(f"dispute#{dispute_id}")


def disputes_open() -> str:
    """Partition of the disputes that are not over, sk = dispute id; people look."""
    return "disputes-open"


def second_cdrs() -> str:
    """Partition of the CDRs that came beside the one that billed a session, sk = session id."""
    return "second-cdrs"


def second_cdr(session_id: str) -> Key:
    return Key(second_cdrs(), session_id)


def early_credit(peer_id: PeerId, country_code: str, party_id: str, cdr_id: str) -> Key:
    """A credit CDR whose original has not come yet: it owns its next look."""
    return Key(f"early-credit#{peer_id}#{country_code}*{party_id}#{cdr_id}")


def early_credits() -> str:
    """Partition of those that still wait, sk = partition of the credit."""
    return "early-credits"
