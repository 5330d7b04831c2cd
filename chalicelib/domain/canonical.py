"""What exactly is hashed? RFC 8785 canonical JSON over str, int, bool, null, list and dict.

Floats and Decimals are not allowed: amounts are minor units, exact numbers are strings.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_SAFE_INTEGER = 2**53  # RFC 8785 numbers are IEEE doubles; a larger integer would not survive


def canonical_bytes(value: Any) -> bytes:  # noqa: ANN401 - JSON has no narrower type
    """UTF-8 bytes of the canonical form. A value outside the subset is a bug (AssertionError)."""
    return _ENCODER.encode(_ordered(value)).encode()


def content_hash(value: Any) -> str:  # noqa: ANN401
    """SHA-256 of the canonical form, in hex."""
    return sha256(canonical_bytes(value)).hexdigest()


def _ordered(value: Any) -> Any:  # noqa: ANN401
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        assert -_SAFE_INTEGER < value < _SAFE_INTEGER, f"{value} is beyond RFC 8785's integers"
        return value
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    assert isinstance(value, Mapping), f"{type(value).__name__} has no canonical form"
    # RFC 8785 orders names by UTF-16 code units; of ASCII names that is Python's own order.
    if "".join(value).isascii():
        return {name: _ordered(value[name]) for name in sorted(value)}
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return {name: _ordered(value[name]) for name in names}
