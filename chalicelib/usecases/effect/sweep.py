"""What is overdue? Every five minutes the sweeper looks at the owners whose row has come.

Five minutes are looked at once, when nobody can write a row into them any more: so no row needs to
be deleted (they expire), which would cost a write unit each. A sweep asks all shards at once, and
once, however long ago the last sweep was.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotYet
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Item, Key, Put, Range, Store
from chalicelib.usecases import keys
from chalicelib.usecases.at_once import mapped
from chalicelib.usecases.effect.heartbeat import CANARY, plant
from chalicelib.usecases.effect.quarantine import quarantine
from chalicelib.usecases.effect.run import run_owner, run_session
from chalicelib.usecases.records import due_row, find
from chalicelib.usecases.session.look_again import look_again
from chalicelib.usecases.session.watch import next_look

# Of wall time: then the place is kept for the next sweep. With the slowest CPO's answer on top it
# is less than the function's life, so that every sweep gets further than the one before.
BUDGET = timedelta(seconds=50)
_CURSOR = Key("sweeper")
# A row is written for a moment that has not come yet, by a writer that runs for minutes at most.
_CLOSED_AFTER = timedelta(minutes=5)
_DAY = timedelta(days=1)
_PAGE = 50
_SESSION = "session#"
_FIRST_LOOK_BACK = timedelta(hours=1)  # no sweep before this one: hardly a row either
_RETRY = timedelta(minutes=5)
_BROKEN_RETRY = timedelta(hours=1)  # until people have mended it


class _Place(NamedTuple):
    """All before `since` has been looked at; of what is before `until`, all before this place."""

    since: datetime
    until: datetime
    day: date
    shard: int = 0
    after: str = ""

    @property
    def start(self) -> str:
        """Every row of the day that is to be looked at sorts behind it, in each shard."""
        return keys.due_from(self.since) if self.day == self.since.date() else ""

    @property
    def end(self) -> str:
        """The first row of the day that is not to be looked at yet sorts behind it."""
        return keys.due_from(self.until) if self.day == self.until.date() else "24:00"

    @property
    def following(self) -> "_Place":
        """Behind its day."""
        if self.day < self.until.date():
            return _Place(self.since, self.until, self.day + _DAY)
        return _Place(self.until, self.until, self.until.date())


def sweep(ports: Ports, at_once: int = 1) -> dict[str, int]:
    """Run what is overdue, from where the last sweep ended until now. Counts for the log.

    Some owners are looked at at once, so that a slow CPO delays few; the place moves when all of
    them are done.
    """
    now, until = ports.clock.now(), ports.clock.wall() + BUDGET
    kept = ports.store.get_many((_CURSOR, CANARY))
    cursor = kept.get(_CURSOR)
    reached = start = _first_place(now) if cursor is None else _place_of(cursor)
    counts = {"looked_at": 0, "quarantined": 0, "oldest_effect_s": 0}
    counts["stream_answered"] = int(plant(ports, now, kept.get(CANARY)))
    rows = _rows(ports, start, now)
    with mapped(at_once) as each_of:
        while some := list(islice(rows, at_once)):
            owners = dict.fromkeys([pk for pk, _ in some if pk])  # two rows may lead to one
            for quarantined, age_s in each_of(partial(_isolated, ports), owners):
                counts["quarantined"] += quarantined
                counts["oldest_effect_s"] = max(counts["oldest_effect_s"], age_s)
                counts["looked_at"] += 1
            reached = some[-1][1]
            if ports.clock.wall() >= until:
                break
    expects = ABSENT if cursor is None else cursor.version
    ports.store.write(Put(_CURSOR, _body(reached), expects=expects))
    return counts


def _rows(ports: Ports, place: _Place, now: datetime) -> Iterator[tuple[str, _Place]]:
    """Each owner whose row has come, and the place behind it; "" where only the place moves."""
    if place.until == place.since:
        place = place._replace(until=max(place.since, _period_of(now - _CLOSED_AFTER)))
    while place.since < place.until:
        shards, start, end = range(place.shard, keys.DUE_SHARDS), place.start, place.end
        ranges = [Range(keys.due_rows(place.day, shard), after=start) for shard in shards]
        ranges[0] = Range(ranges[0].pk, after=place.after or start)
        pages = ports.store.query_each(ranges, limit=_PAGE)
        for shard, asked, page in zip(shards, ranges, pages, strict=True):
            for after in _until(ports.store, asked.pk, page, end) if page else ():
                place = place._replace(shard=shard, after=after)
                yield after.partition("#")[2], place
        place = place.following
        yield "", place


def _until(store: Store, rows: str, page: list[Item], end: str) -> Iterator[str]:
    """The rows of a shard from a first page on, before `end`. None is written there any more."""
    while page:
        for row in page:
            if row.key.sk >= end:
                return
            yield row.key.sk
        last = page[-1].key.sk
        page = store.query(rows, after=last, limit=_PAGE) if len(page) == _PAGE else []


def _period_of(at: datetime) -> datetime:
    return at - timedelta(
        minutes=at.minute % keys.DUE_MINUTES, seconds=at.second, microseconds=at.microsecond
    )


def _first_place(now: datetime) -> _Place:
    since = _period_of(now - _FIRST_LOOK_BACK)
    return _Place(since, since, since.date())


def _place_of(cursor: Item) -> _Place:
    body = cursor.body
    since, until = datetime.fromisoformat(body["since"]), datetime.fromisoformat(body["until"])
    return _Place(since, until, date.fromisoformat(body["day"]), body["shard"], body["after"])


def _body(place: _Place) -> dict[str, Any]:
    return {
        "since": instant_text(place.since),
        "until": instant_text(place.until),
        "day": place.day.isoformat(),
        "shard": place.shard,
        "after": place.after,
    }


def _isolated(ports: Ports, pk: str) -> tuple[bool, int]:
    """Look at an owner, whatever it does: was it set aside, and how old is its oldest effect?

    It comes again either way.
    """
    try:
        return False, _look(ports, pk)
    except NotYet:
        ports.store.write(due_row(ports.clock.now() + _RETRY, pk))
    except Exception as error:  # noqa: BLE001 - one that breaks would stop everybody else for ever
        quarantine(ports, pk, f"{type(error).__name__}: {error}")
        ports.store.write(due_row(ports.clock.now() + _BROKEN_RETRY, pk))
        return True, 0
    return False, 0


def _look(ports: Ports, pk: str) -> int:
    """Run the owner, and write a row for when it must be looked at again, if ever.

    How old its oldest effect is that was tried in vain, in seconds; 0: there is none.
    """
    if not pk.startswith(_SESSION):
        run_owner(ports, pk)
        return 0  # others write their own next row
    record = run_session(ports, pk)
    if record is None:
        return 0  # a row may lead to what never came to be
    if look_again(ports, record.value):
        record = find(ports.store, Key(pk), Session)
    # By the clock as it is now: a row for a moment that has long passed might never be read.
    now = ports.clock.now()
    again_at = None if record is None else next_look(record.value, now)
    if again_at is not None:
        ports.store.write(due_row(again_at, pk))
    tried = (each for each in record.value.effects if each.attempts) if record else ()
    return max((int((now - each.made_at).total_seconds()) for each in tried), default=0)
