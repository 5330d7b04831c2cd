"""How does a frozen dataclass become plain JSON and come back the same?

Plain means str, int, bool, None, list and dict: the input of hashes and of the store. Decimals are
strings, instants are `2026-11-20T09:00:00Z`, enums their value. Unknown names are ignored when
reading and missing ones take the field's default, so that an older record can still be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter, methodcaller
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]


def instant_text(at: datetime) -> str:
    """An aware instant as RFC 3339 in UTC with `Z`, fractions only when there are any."""
    assert at.tzinfo is not None, "an instant has a zone"
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")


def to_plain(value: Any) -> Any:  # noqa: ANN401 - any of the above
    """A domain value as plain JSON. Empty optional parts (None) are left out of objects."""
    kind = type(value)
    write = _KNOWN.get(kind) or _writer(kind)
    return write(value)


def from_plain(cls: type[T], plain: Any) -> T:  # noqa: ANN401
    """The value of a given class that `to_plain` made; a shape that does not fit raises."""
    kind: Any = cls
    result: T = _reader(kind)(plain)
    return result


@cache
def _names(cls: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(field.name for field in fields(cls))


_AS_THEY_ARE = frozenset({str, int, bool})
_KNOWN: dict[type, Writer] = {}  # found once a type: records are written with every request
_WRITERS: tuple[tuple[tuple[type, ...], Writer], ...] = (
    ((bool, int, NoneType), lambda value: value),
    # Before str: a StrEnum is one. `value` would be looked up by a descriptor of Python's own.
    ((Enum,), attrgetter("_value_")),
    ((str,), lambda value: value),
    ((Decimal,), methodcaller("__format__", "f")),
    ((datetime,), instant_text),  # before date: a datetime is one
    ((date, time), methodcaller("isoformat")),
    ((frozenset,), lambda value: [to_plain(item) for item in sorted(value)]),
    ((list, tuple), lambda value: [to_plain(item) for item in value]),
    ((Mapping,), lambda value: {str(name): to_plain(item) for name, item in value.items()}),
)


def _writer(kind: type) -> Writer:
    for types, write in _WRITERS:
        if issubclass(kind, types):
            return _KNOWN.setdefault(kind, write)
    assert is_dataclass(kind), f"{kind.__name__} has no plain form"
    return _KNOWN.setdefault(kind, _dataclass_writer(kind))


def _dataclass_writer(cls: Any) -> Writer:  # noqa: ANN401
    names = _names(cls)

    def write(value: Any) -> dict[str, Any]:  # noqa: ANN401
        plain = {}
        for name in names:
            part = getattr(value, name)
            kind = type(part)
            if kind in _AS_THEY_ARE:  # most are
                plain[name] = part
            elif part is not None:
                plain[name] = (_KNOWN.get(kind) or _writer(kind))(part)
        return plain

    return write


@cache
def _reader(kind: Any) -> Reader:  # noqa: ANN401, PLR0911, C901 - one branch a kind of type
    supertype = getattr(kind, "__supertype__", None)
    if supertype is not None:  # NewType
        return _reader(supertype)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        (inner,) = (arg for arg in get_args(kind) if arg is not NoneType)
        read = _reader(inner)
        return lambda plain: None if plain is None else read(plain)
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda plain: tuple(item(part) for part in plain)
    if origin is frozenset:
        item = _reader(get_args(kind)[0])
        return lambda plain: frozenset(item(part) for part in plain)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item = _reader(get_args(kind)[1])
        return lambda plain: {name: item(part) for name, part in plain.items()}
    if kind is Decimal:
        return Decimal
    if kind is datetime:
        return datetime.fromisoformat
    if kind in (date, time):
        return cast("Reader", kind.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return _as_it_is


def _as_it_is(plain: Any) -> Any:  # noqa: ANN401
    """str, int, bool, and Any for opaque plain JSON."""
    return plain


def _dataclass_reader(cls: Any) -> Reader:  # noqa: ANN401
    hints = get_type_hints(cls)
    readers: dict[str, Reader] = {}
    left_out = {  # `to_plain` leaves None out, also of a part that has no default
        one.name: None
        for one in fields(cls)
        if one.default is MISSING and NoneType in get_args(hints[one.name])
    }

    def read(plain: Any) -> Any:  # noqa: ANN401
        if not readers:  # built at first use, so that a class may contain itself
            readers.update({name: _reader(hints[name]) for name in _names(cls)})
        parts = dict[str, Any](left_out)
        for name, part in plain.items():
            made = readers.get(name)
            if made is _as_it_is:
                parts[name] = part
            elif made is not None:
                parts[name] = made(part)
        return cls(**parts)

    return read
