"""How does a partner know that a webhook is ours? Standard Webhooks signatures (HMAC-SHA256)."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_PREFIX = "whsec_"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_secret(random_text: str) -> str:
    """A signing secret `whsec_<base64 of 32 bytes>` from 256 random bits."""
    return _PREFIX + b64encode(sha256(random_text.encode()).digest()).decode()


def headers(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three webhook headers; one signature a secret, so that a secret can be rotated.

    `at` is wall time: the receiver compares it with its own watch and refuses old messages.
    """
    timestamp = str((at - _EPOCH) // timedelta(seconds=1))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_sign(secret, signed) for secret in secrets),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(_PREFIX))
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
