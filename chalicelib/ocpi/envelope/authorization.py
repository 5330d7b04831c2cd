"""Which token does a peer show, and how do we show ours? (transport_and_format 4.1.1)

The header is `Token ` and the Base64 of the token's UTF-8. Many peers of 2.1.1 and 2.2 send it raw,
and the specification's own sample encodes a trailing newline: all these are tried.
"""

import binascii
from base64 import b64decode, b64encode

_HEADER_CHARACTERS_MAX = 512


def shown(token: str, *, raw: bool = False) -> str:
    """The value of our Authorization header."""
    return f"Token {token if raw else b64encode(token.encode()).decode()}"


def candidates(header: str) -> tuple[str, ...]:
    """The tokens that an Authorization header may mean, likeliest first; none if it is not one."""
    scheme, _, rest = header.strip().partition(" ")
    text = rest.strip()
    if scheme.lower() != "token" or not text or len(text) > _HEADER_CHARACTERS_MAX:
        return ()
    found = [text]
    try:
        decoded = b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        decoded = ""
    if decoded.strip():
        found.insert(0, decoded.strip())
    return tuple(found)
