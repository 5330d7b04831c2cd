"""What stands at one place of a JSON text, read leniently, and how is the place called?

Readers ask an object for its members by name and kind. null is as good as absent, members that
nobody asks for are ignored, and paths are only built when something is noted or refused: this is
how a plain CDR is read in the time that it takes to parse it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.lenient.basic import (
    FINEST,
    FITTING,
    TEXT_CHARACTERS_MAX,
    Mend,
    flag_of,
    id_of,
    instant_of,
    number_of,
    plain_instant,
    text_of,
    upper_of,
)
from chalicelib.ocpi.lenient.notes import Notes

T = TypeVar("T")
_PLAIN_ID_MAX = 36
_WHOLE_MAX = 10**12
_NAME_MAX = 64
_NOTHING: dict[str, Any] = {}


class Place:
    """One object of a message. Everything raises Invalid, naming the path."""

    __slots__ = ("_parent", "_step", "members", "notes")

    def __init__(
        self,
        members: dict[str, Any],
        notes: Notes,
        parent: "Place | None" = None,
        step: str = "",
    ) -> None:
        self.members = members
        self.notes = notes
        self._parent = parent
        self._step = step

    @classmethod
    def whole(cls, value: object) -> "Place":
        """The message itself."""
        if not isinstance(value, dict):
            raise Invalid("", "an object is expected")
        return cls(value, Notes())

    @classmethod
    def answer(cls, value: object) -> "Place":
        """What a peer answered; a list of one where an object belongs is that one."""
        return cls.whole(value[0] if isinstance(value, list) and len(value) == 1 else value)

    def path(self, name: str = "") -> str:
        above = self._parent.path(self._step) if self._parent is not None else self._step
        return f"{above}.{name}" if above and name else above or name

    def note(self, code: str, name: str, words: str) -> None:
        self.notes.add(code, self.path(name), words)

    def invalid(self, name: str, reason: str) -> Invalid:
        return Invalid(self.path(name), reason)

    def has(self, name: str) -> bool:
        return self.members.get(name) is not None

    def require(self, *names: str) -> None:
        """Refuse the object unless it has all of these members."""
        for name in names:
            if not self.has(name):
                raise self.invalid(name, "is missing")

    def read(self, name: str, reader: Callable[[object, Mend], T]) -> T | None:
        """A member by any reader of basic types; None if it is absent."""
        value = self.members.get(name)
        return None if value is None else self._read(name, value, reader)

    def _read(self, name: str, value: object, reader: Callable[[object, Mend], T]) -> T:
        path = self.path(name)
        try:
            return reader(value, lambda code, words: self.notes.add(code, path, words))
        except ValueError as error:
            raise Invalid(path, str(error)) from error

    def maybe_number(self, name: str) -> Decimal | None:
        value = self.members.get(name)
        if type(value) is Decimal:
            if value and value.quantize(FINEST, None, FITTING) == value:
                return value
        elif value is None:
            return None
        elif type(value) is int and -_WHOLE_MAX < value < _WHOLE_MAX:
            return Decimal(value)
        return self._read(name, value, number_of)

    def number(self, name: str) -> Decimal:
        found = self.maybe_number(name)
        if found is None:
            raise self.invalid(name, "is missing")
        return found

    def maybe_instant(self, name: str) -> datetime | None:
        text = self.members.get(name)
        if type(text) is str:
            at = plain_instant(text)
            if at is not None:
                return at
        elif text is None:
            return None
        return self._read(name, text, instant_of)

    def instant(self, name: str) -> datetime:
        found = self.maybe_instant(name)
        if found is None:
            raise self.invalid(name, "is missing")
        return found

    def maybe_id(self, name: str) -> str | None:
        """A CiString."""
        text = self.members.get(name)
        if type(text) is str and text.isalnum() and text.isascii() and len(text) <= _PLAIN_ID_MAX:
            return text
        return None if text is None else self._read(name, text, id_of)

    def id(self, name: str) -> str:
        found = self.maybe_id(name)
        if found is None:
            raise self.invalid(name, "is missing")
        return found

    def maybe_upper(self, name: str) -> str:
        """A country, party, currency or enum in capitals; empty if it is absent."""
        text = self.members.get(name)
        if (
            type(text) is str
            and text.isupper()
            and text.isalpha()
            and text.isascii()
            and len(text) <= _PLAIN_ID_MAX
        ):
            return text
        return "" if text is None else self._read(name, text, upper_of)

    def upper(self, name: str) -> str:
        text = self.maybe_upper(name)
        if not text:
            raise self.invalid(name, "is missing")
        return text

    def text(self, name: str) -> str:
        """Free text; empty if it is absent."""
        text = self.members.get(name)
        if type(text) is str and len(text) <= TEXT_CHARACTERS_MAX:
            return text
        return "" if text is None else self._read(name, text, text_of)

    def flag(self, name: str) -> bool:
        value = self.members.get(name)
        return value if type(value) is bool else self.read(name, flag_of) or False

    def values(self, name: str, count_max: int) -> list[Any]:
        """A list as it was sent, nulls and all; one value where a list belongs is a list of one."""
        value = self.members.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            if not isinstance(value, dict | str):
                raise self.invalid(name, "is not a list")
            self.note("one_for_list", name, "one value was sent where a list belongs")
            return [value]
        if len(value) > count_max:
            raise self.invalid(name, f"has {len(value)} members, more than {count_max}")
        return value

    def each(
        self, name: str, count_max: int, reader: Callable[[object, Mend], T]
    ) -> Iterator[tuple[str, T]]:
        """The members of a list by any reader of basic types, each with its name."""
        for number, value in enumerate(self.values(name, count_max)):
            if value is not None:
                where = f"{name}.{number}"
                yield where, self._read(where, value, reader)

    def objects(self, name: str, count_max: int) -> "Iterator[Place]":
        """The objects of a list, each at its own place."""
        for number, value in enumerate(self.values(name, count_max)):
            if value is not None:
                yield self.inside(f"{name}.{number}", value)

    def inside(self, name: str, value: object) -> "Place":
        """A value within this object that must be an object itself."""
        if isinstance(value, dict):
            return Place(value, self.notes, self, name)
        raise self.invalid(name, "an object is expected")

    def object(self, name: str) -> "Place":
        """A member object; without members if it is absent."""
        value = self.members.get(name)
        if isinstance(value, list) and len(value) <= 1:
            self.note("list_for_one", name, "a list was sent where one object belongs")
            name, value = (f"{name}.0", value[0]) if value else (name, None)
        return self.inside(name, _NOTHING if value is None else value)

    def only(self, known: frozenset[str]) -> None:
        """Note the members that no version has: they are carried nowhere."""
        if not self.members.keys() <= known:
            for name in sorted(self.members.keys() - known):
                if self.members[name] is not None:
                    words = "is a member of no version, and was left out"
                    self.note("member_left_out", name[:_NAME_MAX], words)

    def foreign(self, names: frozenset[str], code: str, words: str) -> None:
        """Note the members that belong to another version; their reading is taken all the same."""
        if not names.isdisjoint(self.members):
            for name in sorted(names & self.members.keys()):
                if self.members[name] is not None:
                    self.note(code, name, words)


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    kind = type(value)  # exactly what a JSON decoder makes
    if kind is dict:
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    if kind is list:
        return [without_nulls(part) for part in value if part is not None]
    return value
