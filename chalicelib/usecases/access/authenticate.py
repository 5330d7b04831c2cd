"""Whose request is this? The caller behind a bearer key, or one refusal for every other text."""

from chalicelib.domain.access.key import (
    ApiKey,
    Caller,
    Unauthenticated,
    caller_of,
    key_hash,
    plausible,
)
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find


def authenticate(ports: Ports, text: str) -> Caller:
    """The caller who shows the key `text` (without `Bearer`), or Unauthenticated."""
    if not plausible(text):
        raise Unauthenticated
    record = find(ports.store, keys.api_key(key_hash(text)), ApiKey)
    if record is None:
        raise Unauthenticated
    return caller_of(record.value, text)
