"""What if a request is sent twice? Same key and body: one request. Another body: a refusal."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Conflict, Invalid, Rejected

KEY_LENGTH_MAX = 255
KEPT_H = 24


class IdempotencyKeyReused(Rejected):
    """The key was used for a request with another body (IETF idempotency-key draft: 422)."""

    code = "idempotency_key_reused"
    field = "Idempotency-Key"
    how_to_fix = "Send a new key for a new request; repeat a request with exactly its first body."

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for a request with another body")


class RequestInFlight(Conflict):
    """The first request with the key is still being worked on (IETF draft: 409)."""

    code = "request_in_flight"
    field = "Idempotency-Key"
    how_to_fix = "Wait a second and send the same request again: it gets the first one's answer."

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is still in flight")


class IdempotencyKeyMissing(Invalid):
    code = "idempotency_key_missing"
    how_to_fix = "Send a fresh UUID; send the same one again when you repeat the request."

    def __init__(self) -> None:
        super().__init__("Idempotency-Key", "this request needs one", type(self).how_to_fix)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request under a key: `status` 0 while it is in flight, until `lease_until` at most."""

    request_hash: str
    lease_until: datetime
    status: int = 0
    body: str = ""


def check_key(key: str) -> str:
    """The key, or Invalid: 1 to 255 printable ASCII characters."""
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise Invalid(
            "Idempotency-Key",
            f"must be 1 to {KEY_LENGTH_MAX} printable ASCII characters",
            "A UUID does well.",
        )
    return key
