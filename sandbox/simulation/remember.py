"""How is an item decoded once a version, although many use cases read it?

Half of a history's time would be spent on reading the same records again. Values are frozen, so the
one that was made of a body can be given to whoever asks for the same class.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import Any
from unittest.mock import patch

from chalicelib.domain import codec
from sandbox.simulation.table import Body

Reader = Callable[[Any], Any]


@contextmanager
def remembering() -> Iterator[None]:
    """While it lasts, `codec.from_plain` remembers what it made of a simulated table's bodies."""
    reading: Callable[[Any], Reader] = codec._reader  # noqa: SLF001 - the one door to decoding
    known: dict[Any, Reader] = {}

    def reader(kind: Any) -> Reader:  # noqa: ANN401 - any class
        found = known.get(kind)
        if found is None:
            read = reading(kind)
            found = known[kind] = _remembered(kind, read) if is_dataclass(kind) else read
        return found

    with patch.object(codec, "_reader", reader):
        yield


def _remembered(kind: Any, read: Reader) -> Reader:  # noqa: ANN401
    def remembered(plain: Any) -> Any:  # noqa: ANN401
        if type(plain) is not Body:
            return read(plain)
        made_for, value = plain.read_as
        if made_for is not kind:
            value = read(plain)
            plain.read_as = (kind, value)
        return value

    return remembered
