"""How is a value read, written, hashed and changed in no time, although thousands of runs do it?

Half of a history's time would be spent on making the same plain JSON and the same values again.
Values are frozen: what was made of one can be given to whoever asks for it again. Whether what is
remembered is what would be made is a test (tests/simulation/test_remembered.py).
"""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar
from unittest.mock import patch

from chalicelib.domain import canonical, codec
from chalicelib.domain.tariff import version
from chalicelib.usecases import records
from sandbox.simulation.table import Body, SimulatedTable

T = TypeVar("T")
Made = Callable[[Any], Any]
_MOST = 20_000  # values that are remembered at once
_NOTED = 100  # bodies
_ROOMS = ("chalicelib.", "sandbox.simulation.", "sandbox.memory.")


@contextmanager
def remembering() -> Iterator[None]:
    """While it lasts: codec, canonical form, hashes of tariffs and `replace` of dataclasses."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(codec, "_reader", _readers()))
        memory = _Memory()
        whole = {kind: write for kind, write in codec._KNOWN.items() if is_dataclass(kind)}  # noqa: SLF001 - the one door to coding
        stack.enter_context(
            patch.dict(codec._KNOWN, {kind: memory(write) for kind, write in whole.items()})  # noqa: SLF001
        )
        writer = codec._dataclass_writer  # noqa: SLF001
        stack.enter_context(
            patch.object(codec, "_dataclass_writer", lambda kind: memory(writer(kind)))
        )
        stack.enter_context(patch.object(records, "to_plain", _noted))
        everywhere(stack, version.tariff_hash, _Memory()(version.tariff_hash))
        everywhere(stack, canonical.canonical_bytes, _sorted_bytes)
        everywhere(stack, dataclasses.replace, _replaced)
        yield


def everywhere(stack: ExitStack, right: Any, wrong: Any) -> None:  # noqa: ANN401 - anything
    """Put something else in a thing's place in every module and table that has it by its name."""
    named = sorted(name for name in sys.modules if name.startswith(_ROOMS))
    for module in (vars(sys.modules[name]) for name in named):
        for name, value in list(module.items()):
            if value is right:
                stack.enter_context(patch.dict(module, {name: wrong}))
            elif type(value) is dict:
                found = {key: wrong for key, each in value.items() if each is right}
                if found:
                    stack.enter_context(patch.dict(value, found))


class _Memory:
    """What a function made of a value, by the value's identity; it is kept alive meanwhile."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def __call__(self, make: Made) -> Made:
        made = self._made

        def remembered(value: Any) -> Any:  # noqa: ANN401 - any frozen value
            found = made.get(id(value))
            if found is None:
                if len(made) > _MOST:
                    made.clear()
                found = made[id(value)] = (value, make(value))
            result = found[1]
            return result.copy() if type(result) is dict else result

        return remembered


def _sorted_bytes(value: Any) -> bytes:  # noqa: ANN401 - plain JSON
    """The canonical form, as it is of ASCII names and small numbers: all that a market here has."""
    return canonical._SORTING.encode(value).encode()  # noqa: SLF001


def _noted(value: Any) -> Any:  # noqa: ANN401 - any record
    """A record's body; the table is told what it was made of, and need not read it again."""
    plain = codec.to_plain(value)
    noted = SimulatedTable.noted
    if len(noted) > _NOTED:
        noted.clear()
    noted[id(plain)] = (plain, value)
    return plain


def _readers() -> Callable[[Any], Made]:
    reading = codec._reader  # noqa: SLF001
    known: dict[Any, Made] = {}

    def reader(kind: Any) -> Made:  # noqa: ANN401 - any class
        found = known.get(kind)
        if found is None:
            read = reading(kind)
            found = known[kind] = _remembered(kind, read) if is_dataclass(kind) else read
        return found

    return reader


def _remembered(kind: Any, read: Made) -> Made:  # noqa: ANN401
    def remembered(plain: Any) -> Any:  # noqa: ANN401
        if type(plain) is not Body:
            return read(plain)
        made_for, value = plain.read_as
        if made_for is not kind:
            value = read(plain)
            plain.read_as = (kind, value)
        return value

    return remembered


def _replaced(value: T, /, **changes: Any) -> T:  # noqa: ANN401
    """As dataclasses.replace, but without asking the class for its fields each time."""
    kind: Any = type(value)
    made: T = _replacer(kind)(value, **changes)
    return made


@cache
def _replacer(kind: Any) -> Callable[..., Any]:  # noqa: ANN401
    """`lambda it, a=_, b=_: Kind(it.a if a is _ else a, it.b if b is _ else b)`."""
    parts = fields(kind)
    if not all(part.init and not part.kw_only for part in parts):
        return dataclasses.replace
    given = "".join(f", {part.name}=_" for part in parts)
    taken = ", ".join(f"_it.{part.name} if {part.name} is _ else {part.name}" for part in parts)
    made: Callable[..., Any] = eval(  # noqa: S307 - names of our own fields
        f"lambda _it{given}: Kind({taken})", {"Kind": kind, "_": object()}
    )
    return made
