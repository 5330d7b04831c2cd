"""What is kept of a CDR, and what is its sender told?"""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Conflict, Rejected
from chalicelib.domain.ids import SessionId
from chalicelib.domain.session.charged import ReceivedCdr

_KEPT_BYTES_MAX = 300_000  # an item of the table has at most 400 KB


@dataclass(frozen=True, slots=True)
class CdrAccepted:
    """`session_id` is "" for a credit that waits for its original."""

    cdr_id: str
    session_id: SessionId
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class KeptCdr:
    """What the table keeps of a CDR; its bytes lie under `raw_name` (see `raw`)."""

    session_id: SessionId
    raw_hash: str
    raw_name: str
    cdr: ReceivedCdr


class CdrDiffers(Conflict):
    code = "cdr_differs"
    field = "id"

    def __init__(self, cdr_id: str) -> None:
        super().__init__(f"CDR {cdr_id} was already accepted with other content")
        self.cdr_id = cdr_id
        self.how_to_fix = "a CDR is immutable: send a credit CDR, then a new one"


class CdrTooLarge(Rejected):
    code = "cdr_too_large"
    how_to_fix = "send fewer charging periods and only the tariffs that were applied"

    def __init__(self, cdr_id: str, size: int) -> None:
        super().__init__(f"CDR {cdr_id} has {size} bytes of facts, more than {_KEPT_BYTES_MAX}")
        self.cdr_id, self.size = cdr_id, size


def kept_plain(session_id: SessionId, cdr: ReceivedCdr, raw_name: str) -> dict[str, Any]:
    """The item's body; raises CdrTooLarge."""
    kept: dict[str, Any] = to_plain(KeptCdr(session_id, cdr.raw_hash, raw_name, cdr))
    size = len(canonical_bytes(kept))
    if size > _KEPT_BYTES_MAX:
        raise CdrTooLarge(cdr.id, size)
    return kept
