"""When did a CPO last tell of a location in which nothing changed? Its dates, apart from the rest.

A status that is told again with a newer `last_updated` is no change, but it says something: another
status that is older than that, and comes late, is outdated. So its dates are kept, in a small item
beside the location that counts for that version of it alone: a write unit, whatever the location's
size. Who only wants to know what is there reads the location.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import repeat
from typing import Any

from chalicelib.domain.codec import from_plain, instant_text
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Item, Key, Put
from chalicelib.usecases import keys

_DATE = "last_updated"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """A location as it is kept. `beside`: the item of its dates, perhaps those of an older one."""

    item: Item
    beside: Item | None

    @property
    def seen(self) -> tuple[int, int]:
        """Which versions of both were read."""
        return self.item.version, ABSENT if self.beside is None else self.beside.version

    @property
    def raw(self) -> str:
        return str(self.item.body["raw"])

    @property
    def location(self) -> Location:
        """With the dates that it was last told with."""
        location, again = from_plain(Location, self.item.body), self._again
        if again is None:
            return location
        at = (from_plain(datetime, text) for text in (again.body[_DATE], *again.body["evses"]))
        return _dated(location, at)

    def dates(self) -> list[str] | None:
        """Of the raw location and its parts, as last told; None: as they stand in it."""
        return None if self._again is None else list(self._again.body["dates"])

    @property
    def _again(self) -> Item | None:
        """The item of dates, if it is this version's."""
        beside = self.beside
        return beside if beside is not None and beside.body["of"] == self.item.version else None


def known(ports: Ports, key: Key) -> Known | None:
    """A location and its dates, in one read."""
    found = {item.key.sk: item for item in ports.store.query(key.pk, limit=2)}
    item = found.get(key.sk)
    return None if item is None else Known(item, found.get(keys.location_dates(key).sk))


def told_again(before: Known, location: Location, raw: str) -> list[Put] | None:
    """The write that an unchanged location needs, none if its dates are known. None: it changed.

    As JSON, since ours may be merged from PATCHes, and a pull writes it in its own way.
    """
    known_as = before.location
    if _dated(known_as, repeat(_NEVER)) != _dated(location, repeat(_NEVER)):
        return None
    ours, theirs = (json.loads(text, parse_float=Decimal) for text in (before.raw, raw))
    if _without_dates(ours) != _without_dates(theirs):
        return None
    dates, told = list(_dates(theirs)), before.dates()
    same = dates == (list(_dates(ours)) if told is None else told)
    if same and known_as == location:
        return []
    body = {
        "of": before.item.version,
        _DATE: instant_text(location.last_updated),
        "evses": [instant_text(evse.last_updated) for evse in location.evses],
        "dates": dates,
    }
    return [Put(keys.location_dates(before.item.key), body, expects=before.seen[1])]


def _dated(location: Location, at: Iterator[datetime]) -> Location:
    """Its own date first, then those of its EVSEs."""
    its = next(at)
    evses = tuple(replace(evse, last_updated=next(at)) for evse in location.evses)
    return replace(location, evses=evses, last_updated=its)


def redated(value: Any, dates: Sequence[str] | None) -> Any:  # noqa: ANN401 - whatever JSON says
    """A raw location with the dates that it was last told with."""
    return value if dates is None else _redated(value, iter(dates))


def _redated(value: Any, dates: Iterator[str]) -> Any:  # noqa: ANN401 - the same
    if isinstance(value, list):
        return [_redated(one, dates) for one in value]
    if not isinstance(value, dict):
        return value
    mine = {_DATE: next(dates)} if _is_dated(value) else {}
    parts = {name: _redated(value[name], dates) for name in _members(value)}
    return {name: (mine | parts)[name] for name in value}


def _dates(value: Any) -> Iterator[str]:  # noqa: ANN401 - the same
    """Each object's own before those of its members, these in order of their names."""
    if isinstance(value, list):
        for one in value:
            yield from _dates(one)
    elif isinstance(value, dict):
        if _is_dated(value):
            yield value[_DATE]
        for name in _members(value):
            yield from _dates(value[name])


def _without_dates(value: Any) -> Any:  # noqa: ANN401 - the same
    """What no JSON says where there was a date, so that one that comes or goes is a change."""
    if isinstance(value, list):
        return [_without_dates(one) for one in value]
    if not isinstance(value, dict):
        return value
    parts = {name: _without_dates(value[name]) for name in _members(value)}
    return parts | {_DATE: _NEVER} if _is_dated(value) else parts


def _members(value: dict[str, Any]) -> list[str]:
    return sorted(name for name in value if name != _DATE or not _is_dated(value))


def _is_dated(value: dict[str, Any]) -> bool:
    return isinstance(value.get(_DATE), str)
