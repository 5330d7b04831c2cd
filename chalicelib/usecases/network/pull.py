"""What have the CPOs published or done that we have not heard of? The scheduled pull.

OCPI repeats no failed push, so this is part of correctness, not a convenience. Each span overlaps
the one before, because offset paging skips rows when objects change under it (ocpi issue 373), and
ends where the peer's own clock stood: its `last_updated` are of that clock. Once a day sessions and
CDRs are looked back for a week, for what a charger delivered late and dated early. Whatever one
pull has no time for, the next one goes on with.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import (
    NOTHING,
    OVERLAP,
    Day,
    Doubt,
    PeerHealth,
    Rest,
    counted,
    due,
    pulled,
    unfit,
)
from chalicelib.domain.connection.refusals import IdentityNotBound, UpdateOutdated
from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, ListTooLong, Pulled, Received
from chalicelib.usecases.at_once import mapped
from chalicelib.usecases.connection.health import change_health, health_of, healths
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.hub.news import parties_changed
from chalicelib.usecases.network.accept_tariff import WholeList, withdraw_missing
from chalicelib.usecases.network.take import MODULES, Module, in_order

_WINDOW = timedelta(hours=6)  # a longer span is read in parts, and each part counts
_REST_LIFE = timedelta(days=1)
_NARROWEST = timedelta(minutes=5)  # a span with too much in it is halved, to this
_LOOK_BACK, _LOOK_BACK_EVERY = timedelta(days=7), timedelta(days=1)
_AHEAD = timedelta(days=1)  # a peer's clock may be ahead of ours, and what it tells with it
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# Of wall time, within the function's life: no peer is asked for more after it, and no other peer.
_PEER_BUDGET, _BUDGET = timedelta(seconds=120), timedelta(seconds=240)
_WHY_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class PeerPull:
    """What came of one peer's pull. `refused` names objects without a reading, and why."""

    peer_id: str
    news: int
    refused: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def pull_all(ports: Ports, at_once: int = 1) -> list[PeerPull]:
    """Pull every registered peer whose time has come, some at once; a silent one delays nobody.

    Those that were pulled longest ago come first, so that a run that is cut off starves nobody.
    """
    at, until = ports.clock.now(), ports.clock.wall() + _BUDGET
    known = {connection.id: connection for connection in connections(ports)}
    states = healths(ports, list(known))
    waiting = sorted(
        (id_ for id_ in known if due(states[id_], at)),
        key=lambda id_: states[id_].pulled_at or _LONG_AGO,
    )

    def one(connection: Connection) -> PeerPull | None:
        return pull_peer(ports, connection) if ports.clock.wall() < until else None

    with mapped(at_once) as each_of:
        done = list(each_of(one, [known[id_] for id_ in waiting]))
    return [pull for pull in done if pull is not None]


def pull_peer(
    ports: Ports, connection: Connection, everything_since: datetime | None = None
) -> PeerPull:
    """Read what changed; or all locations and tariffs, and sessions and CDRs since an instant."""
    health = health_of(ports, connection.id)
    visit = _Visit(ports, connection, health, everything_since)
    visit.read()
    now = change_health(ports, connection.id, visit.health_now)
    if now.reachable is not health.reachable:
        parties_changed(ports, connection)
    refused = tuple(f"{module}: {id_}: {why}" for (module, id_), why in visit.refused.items())
    cut = (visit.cut,) if visit.cut else ()
    return PeerPull(connection.id, visit.news, refused, (*visit.failed, *cut))


@dataclass
class _Visit:
    """One peer's pull under way."""

    ports: Ports
    connection: Connection
    health: PeerHealth
    everything_since: datetime | None
    news: int = 0
    skew_s: int | None = None
    seen: Day = NOTHING
    cut: str = ""  # where our own time for this peer was over
    failed: list[str] = field(default_factory=list)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    settled: dict[str, datetime] = field(default_factory=dict)  # when a list began that has ended
    taken: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.ports.clock.now()
        self.deadline = self.ports.clock.wall() + _PEER_BUDGET
        self.cursors = dict(self.health.cursors)
        self.rests = dict(self.health.rests)
        self.looked_back_at = self.health.looked_back_at
        self.looking_back = self.health.looking_back

    def read(self) -> None:
        """What is new first: lists, then spans side by side; then the look back, as time allows."""
        offered = [module for module in MODULES if module.offered(self.connection)]
        for module in offered:
            if not module.dated and not self._over(module.name):
                self._list(module)
        dated = [module for module in offered if module.dated]
        spans = ((since, until, one) for one in dated for since, until in self._spans(one))
        silent = set[str]()
        for since, until, module in sorted(spans, key=lambda span: span[0]):
            if module.name in silent:
                continue
            if self._over(f"{module.name} since {instant_text(since)}"):
                return
            if not self._read(module, since, until):
                silent.add(module.name)
        if not self.failed:
            self._look_back(dated)

    def _look_back(self, dated: list[Module]) -> None:
        """Once a day a week, from where the last pull had to leave it."""
        known = self.looked_back_at
        if known is not None and self.at - known < _LOOK_BACK_EVERY:
            return
        first = not any(module.name in self.health.cursors for module in dated)
        from_ = self.at if first else self.at - _LOOK_BACK  # a first pull has read the week
        from_ = max(from_, self.looking_back or from_)
        while from_ < self.at:
            for module in dated:
                self.looking_back = from_
                if self._over(f"the look back at {instant_text(from_)}"):
                    return
                if not self._read(module, from_, from_ + _WINDOW):
                    return
            from_ += _WINDOW
        self.looked_back_at, self.looking_back = self.at, None

    def _over(self, what: str) -> bool:
        """Whether our own time is over. That is no failure of the peer's: the next pull goes on."""
        if self.cut or self.ports.clock.wall() > self.deadline:
            self.cut = self.cut or f"{what}: the time for this peer is over"
        return bool(self.cut)

    def _list(self, module: Module) -> None:
        cursor, rest = self._cursor(module), self.rests.pop(module.name, None)
        everything = self.everything_since is not None
        since = None if everything or module.whole or cursor is None else cursor - OVERLAP
        doubt = self.health.doubts.get(module.name)
        if since is not None and doubt is not None:
            since = min(since, doubt.since)
        rest = None if everything else rest
        if self._read(module, since, self.at + _AHEAD, rest) and module.name not in self.rests:
            self.settled[module.name] = self.at if rest is None else rest.began

    def _read(
        self, module: Module, since: datetime | None, until: datetime, rest: Rest | None = None
    ) -> bool:
        """False when it was not answered: it fails alone, and is read again."""
        started, name = self.ports.clock.wall(), module.name
        try:
            place = "" if rest is None else rest.place
            told = module.pull(self.ports, self.connection, since, until, place)
            self._take(module, told)
        except (NotYet, CpoRefused) as error:
            if isinstance(error, ListTooLong) and since is not None:
                middle = since + (min(until, self.at) - since) / 2
                if middle - since >= _NARROWEST:
                    halves = (since, middle), (middle, until)
                    return all(not self._over(name) and self._read(module, *one) for one in halves)
            young = rest is not None and self.at - rest.began < _REST_LIFE  # else it may be dead
            if rest and young and not isinstance(error, CpoRefused):
                self.rests[name] = rest
            self.failed.append(f"{name}: {str(error)[:_WHY_CHARACTERS_MAX]}")
            self._timed(started, failed=1)
            return False
        self._timed(started)
        self._heard(module, told, until, rest)
        return True

    def health_now(self, known: PeerHealth) -> PeerHealth:
        """Were two pulls of a peer under way, the first one counts: its span is read again."""
        if known.pulled_at != self.health.pulled_at:
            return known
        known = replace(
            counted(known, self.at, self.seen),
            cursors=self.cursors,
            rests=self.rests,
            looked_back_at=self.looked_back_at,
            looking_back=self.looking_back,
            doubts={name: one for name, one in known.doubts.items() if not self._sure(name, one)},
            skew_s=known.skew_s if self.skew_s is None else self.skew_s,
            refused=unfit(known.refused, self.refused, self.taken, self.at),
        )
        more = bool(self.cut or self.rests)
        return pulled(known, self.connection.id, self.at, tuple(self.failed), more=more)

    def _sure(self, module: str, doubt: Doubt) -> bool:
        return module in self.settled and doubt.over(self.settled[module])

    def _spans(self, module: Module) -> Iterator[tuple[datetime, datetime]]:
        cursor = self._cursor(module)
        from_ = self.at - _LOOK_BACK if cursor is None else cursor - OVERLAP
        from_ = min(from_, self.everything_since or from_)
        while from_ + _WINDOW < self.at:
            yield from_, from_ + _WINDOW
            from_ += _WINDOW
        yield from_, self.at + _AHEAD

    def _cursor(self, module: Module) -> datetime | None:
        text = self.health.cursors.get(module.name)
        return None if text is None else datetime.fromisoformat(text)

    def _heard(self, module: Module, told: Pulled, until: datetime, rest: Rest | None) -> None:
        """All until then is known, by the peer's clock. A CDR may need a session that failed.

        The cursor goes back with a clock that was put back, and not for having looked back. A clock
        that stands still, as in answers that tell the specification's example, is believed no more
        than a week: all later spans would be read anew in each pull, and the last ones never. A
        list that goes on is known until it began to be read: offset paging skips what changes.
        """
        if told.at is not None:
            self.skew_s = (told.at - self.ports.clock.now()) // timedelta(seconds=1)
        clock = max(told.at or self.at, self.at - _LOOK_BACK)
        reached = min(until, self.at, clock)
        if rest is not None:
            reached = min(reached, rest.began)
        if told.rest:
            self.rests[module.name] = Rest(told.rest, reached)
            return
        if self.failed:
            return
        cursor = self._cursor(module)
        if cursor is None or reached > cursor or until > self.at:
            self.cursors[module.name] = instant_text(reached)

    def _take(self, module: Module, told: Pulled) -> None:
        """The good objects of a pull that also holds bad ones are taken all the same.

        What is refused is tried once more behind the others: a credit may stand in between.
        """
        for why in told.refused:
            id_, _, reason = why.partition(": ")
            self.refused[module.name, id_] = reason[:_WHY_CHARACTERS_MAX]
        objects = in_order(told.items)
        again = [received for received in objects if not self._took(module, received)]
        for received in again:
            self._took(module, received)
        if module.whole and told.complete and objects:  # an empty list is rather a mistake
            unread = {id_ for name, id_ in self.refused if name == module.name}
            self.news += withdraw_missing(self.ports, self.connection, WholeList(objects, unread))

    def _took(self, module: Module, received: Received) -> bool:
        name = (module.name, str(received.value.id))
        try:
            taken = module.take(self.ports, self.connection, received)
        except UpdateOutdated:
            return True  # a push was faster
        except IdentityNotBound as error:  # another party's behind the same platform
            if not module.dated:
                self.refused[name] = str(error)
            return True
        except (Rejected, Conflict) as error:
            self.refused[name] = str(error)[:_WHY_CHARACTERS_MAX]
            return False
        self.refused.pop(name, None)
        self.taken.add(name)
        self.news += taken.news
        cursor = self._cursor(module)
        if cursor is not None and (taken.news or received.value.last_updated >= cursor):
            self.seen = self.seen.plus(Day(told=1, lost=int(taken.news))).plus(taken.counted)
        return True

    def _timed(self, started: datetime, failed: int = 0) -> None:
        took_ms = (self.ports.clock.wall() - started) // timedelta(milliseconds=1)
        timed = Day(calls=1, failed=failed, took_ms=took_ms, slowest_ms=took_ms)
        self.seen = self.seen.plus(timed)
