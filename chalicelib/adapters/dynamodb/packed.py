"""How does a body lie in its item? As JSON text, or deflated where that saves write units.

A write costs a unit a started KB, and a session is written a dozen times. Text (`b`) is readable in
the console, so it stays text as long as it fits into one unit; longer bodies are deflated (`z`), to
about a third. The first byte of `z` names the vocabulary, which may never change: a new one gets
the next number, and the old ones stay here to read what was written with them.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.dynamodb.vocabulary import VOCABULARIES

UNIT_BYTES = 1024
PRESENT = len(VOCABULARIES) - 1
_LEVEL = 9
_RAW = -15  # raw deflate: neither header nor checksum


def packed(text: str, other_bytes: int) -> Mapping[str, Any]:
    """The attribute that holds a body, beside `other_bytes` of key and counters."""
    plain = text.encode()
    if len(plain) + other_bytes <= UNIT_BYTES:
        return {"b": {"S": text}}
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, zdict=VOCABULARIES[PRESENT])
    short = bytes([PRESENT]) + deflate.compress(plain) + deflate.flush()
    if _units(len(short) + other_bytes) < _units(len(plain) + other_bytes):
        return {"z": {"B": short}}
    return {"b": {"S": text}}


def text_of(stored: Mapping[str, Any]) -> str:
    """The body's text of an item as the client gives it: binary as bytes or in base64."""
    if "b" in stored:
        return str(stored["b"]["S"])
    told = stored["z"]["B"]
    short = b64decode(told) if isinstance(told, str) else bytes(told)
    inflate = zlib.decompressobj(_RAW, zdict=VOCABULARIES[short[0]])
    return (inflate.decompress(short[1:]) + inflate.flush()).decode()


def body_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an item as the client gives it."""
    body: dict[str, Any] = json.loads(text_of(stored))
    return body


def _units(size: int) -> int:
    return -(-size // UNIT_BYTES)
