"""Where does the next page begin? An opaque text that only this API reads."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.errors import Invalid


class CursorInvalid(Invalid):
    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__(
            "cursor",
            "is not one that this list gave",
            "Send `next_cursor` of the page before unchanged, or begin without a cursor.",
        )


def encode(listing: str, **position: str) -> str:
    """A cursor of one list. It gives no rights: what may be read follows from the key."""
    return urlsafe_b64encode(canonical_bytes([listing, position])).decode().rstrip("=")


def decode(listing: str, cursor: str, *names: str) -> tuple[str, ...]:
    """The named parts of a position in this list, or CursorInvalid."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = json.loads(raw)
    except (NotBase64, ValueError, RecursionError) as error:
        raise CursorInvalid from error
    match found:
        case [str(of), dict(position)] if of == listing and position.keys() == set(names):
            parts = tuple(position[name] for name in names)
        case _:
            raise CursorInvalid
    if not all(isinstance(part, str) and part.isprintable() for part in parts):
        raise CursorInvalid
    return parts
