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
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar
from unittest.mock import patch

from chalicelib.domain import canonical, codec
from chalicelib.domain.agreement.agreement import Agreement
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.party.party import Party
from chalicelib.domain.payment.payment import Payment
from chalicelib.domain.session.session import Bill, Booked, Session
from chalicelib.domain.tariff import version
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.store import Key, Store
from chalicelib.usecases import records
from chalicelib.usecases.records import Record
from sandbox.simulation.quick import is_quick, quick_values
from sandbox.simulation.table import Body, SimulatedTable, Version

T = TypeVar("T")
Made = Callable[[Any], Any]
_MOST = 20_000  # values that are remembered at once
_NOTED = 100  # bodies
_ROOMS = ("chalicelib.", "sandbox.simulation.", "sandbox.memory.")


@contextmanager
def remembering() -> Iterator[None]:
    """While it lasts: codec, canonical form, hashes of tariffs and `replace` of dataclasses."""
    with ExitStack() as stack:
        stack.enter_context(quick_values())
        stack.enter_context(patch.object(codec, "_reader", _readers()))
        everywhere(stack, codec.from_plain, _read_once(codec.from_plain))
        everywhere(stack, records.find, _found)
        known = codec._KNOWN  # noqa: SLF001 - the one door to coding
        writer = _writers(_Memory())
        written = {kind: writer(kind) for kind in known if is_dataclass(kind)}
        others = {datetime: _instant_text, tuple: _listed}
        stack.enter_context(patch.dict(known, {**written, **others}))
        stack.enter_context(patch.object(codec, "_dataclass_writer", writer))
        stack.enter_context(patch.object(records, "to_plain", _noted))
        everywhere(stack, version.tariff_hash, _Memory()(version.tariff_hash))
        stack.enter_context(patch.object(Agreement, "hash", property(_Memory()(_terms_hash))))
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


_terms_hash = vars(Agreement)["hash"].fget
_instant_text = lru_cache(4096)(codec.instant_text)
# What lies in many records, or in many versions of one: it is written more than once.
_KEPT = frozenset({Bill, Booked, Entry, Party, Payment, Session, Tariff})


def _writers(memory: _Memory) -> Callable[[Any], Made]:
    def writer(kind: Any) -> Made:  # noqa: ANN401 - any dataclass
        write = _quick_writer(kind)
        return memory(write) if kind in _KEPT else write

    return writer


@cache
def _quick_writer(kind: Any) -> Made:  # noqa: ANN401
    """codec._dataclass_writer(kind), with a line for each field."""
    lines = ["def write(value):", "    plain = {}"]
    for part in fields(kind):
        lines += [
            f"    part = value.{part.name}",
            "    if part is not None:",
            "        if (kind := type(part)) not in plainly:",
            "            part = (known.get(kind) or writer(kind))(part)",
            f"        plain[{part.name!r}] = part",
        ]
    names: dict[str, Any] = {
        "known": codec._KNOWN,  # noqa: SLF001
        "plainly": codec._AS_THEY_ARE,  # noqa: SLF001
        "writer": codec._writer,  # noqa: SLF001
    }
    exec("\n".join([*lines, "    return plain"]), names)  # noqa: S102 - names of our own fields
    write: Made = names["write"]
    return write


def _listed(values: tuple[Any, ...]) -> list[Any]:
    if not values:
        return []
    known, writer = codec._KNOWN, codec._writer  # noqa: SLF001
    return [(known.get(type(value)) or writer(type(value)))(value) for value in values]


def _read_once(read: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def read_again(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - any class, its plain JSON
        if type(plain) is Body and plain.item.made_of[0] is kind:
            return plain.item.made_of[1]
        return read(kind, plain)

    return read_again


def _found(store: Store, key: Key, kind: Any) -> Record[Any] | None:  # noqa: ANN401
    """As records.find, but a body whose value is known is not even read."""
    item: Any = store.get(key)
    if item is None:
        return None
    known = type(item) is Version and item.made_of[0] is kind
    value = item.made_of[1] if known else codec.from_plain(kind, item.body)
    return Record(key, value, item.version)


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
        made_for, value = plain.item.made_of
        if made_for is not kind:
            value = read(plain)
            plain.item.made_of = (kind, value)
        return value

    return remembered


def _replaced(value: T, /, **changes: Any) -> T:  # noqa: ANN401
    """As dataclasses.replace, but without asking the class for its fields each time."""
    kind: Any = type(value)
    made: T = (_REPLACERS.get(kind) or _replacer(kind))(value, **changes)
    return made


_REPLACERS: dict[Any, Callable[..., Any]] = {}


def _replacer(kind: Any) -> Callable[..., Any]:  # noqa: ANN401
    """`def replaced(it, **changes)`: a copy, field by field, and then the changes."""
    names = [part.name for part in fields(kind)]
    if not is_quick(kind) or hasattr(kind, "__post_init__"):
        return _REPLACERS.setdefault(kind, dataclasses.replace)
    lines = ["def replaced(it, **changes):", "    made = new(kind)"]
    lines += [f"    made.{name} = it.{name}" for name in names]
    lines += ["    for name, value in changes.items():", "        if name not in names:"]
    lines += ["            raise TypeError(name)", "        setattr(made, name, value)"]
    given: dict[str, Any] = {"new": object.__new__, "kind": kind, "names": frozenset(names)}
    exec("\n".join([*lines, "    return made"]), given)  # noqa: S102 - names of our own fields
    return _REPLACERS.setdefault(kind, given["replaced"])
