"""What exactly is hashed? RFC 8785 canonical JSON over str, int, bool, null, list and dict.

Floats and Decimals are not allowed: amounts are minor units, exact numbers are strings.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

_FORM: dict[str, Any] = {
    "ensure_ascii": False,
    "separators": (",", ":"),
    "allow_nan": False,
    "check_circular": False,  # what is encoded was walked through before
}
_ENCODER = json.JSONEncoder(**_FORM)
_SORTING = json.JSONEncoder(**_FORM, sort_keys=True)
_SAFE_INTEGER = 2**53  # RFC 8785 numbers are IEEE doubles; a larger integer would not survive


def canonical_bytes(value: Any) -> bytes:  # noqa: ANN401 - JSON has no narrower type
    """UTF-8 bytes of the canonical form. A value outside the subset is a bug (AssertionError)."""
    if _is_simple(value):
        return _SORTING.encode(value).encode()
    return _ENCODER.encode(_ordered(value)).encode()


def content_hash(value: Any) -> str:  # noqa: ANN401
    """SHA-256 of the canonical form, in hex."""
    return sha256(canonical_bytes(value)).hexdigest()


def _is_simple(value: Any) -> bool:  # noqa: ANN401
    """Whether Python's own order of names is RFC 8785's, all through: of ASCII names it is."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return "".join(value).isascii() and all(map(_is_simple, value.values()))
    if kind is list:
        return all(map(_is_simple, value))
    return kind is int and -_SAFE_INTEGER < value < _SAFE_INTEGER


def _ordered(value: Any) -> Any:  # noqa: ANN401
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        # RFC 8785 orders names by UTF-16 code units, not by code points.
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, int):
        assert -_SAFE_INTEGER < value < _SAFE_INTEGER, f"{value} is beyond RFC 8785's integers"
        return value
    assert isinstance(value, (list, tuple)), f"{type(value).__name__} has no canonical form"
    return [_ordered(item) for item in value]


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
