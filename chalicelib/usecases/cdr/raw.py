"""Where does a CDR lie as it came, byte for byte? In an item of its own; a long one in a file.

It is kept before it is billed, and the pack of evidence that follows each bill seals its text, too.
Until then an item is enough: a file's put costs as much as eight write units.
"""

from contextlib import suppress

from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys

# Its item is deflated to a fourth or so: some units, where a file costs eight.
_ITEM_BYTES_MAX = 16_000


def keep_raw(ports: Ports, name: str, raw: bytes) -> None:
    """Keep it once under its name, which its content gives; the same again changes nothing."""
    if len(raw) > _ITEM_BYTES_MAX:
        ports.files.seal(name, raw, "application/json")
        return
    with suppress(WriteConflict):
        ports.store.write(Put(keys.raw_cdr(name), {"text": raw.decode()}))


def raw_of(ports: Ports, name: str) -> bytes | None:
    """The text of a CDR, or None when there is none of that name."""
    item = ports.store.get(keys.raw_cdr(name))
    return ports.files.read(name) if item is None else str(item.body["text"]).encode()
