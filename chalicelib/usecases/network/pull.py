"""What have the CPOs published or done that we have not heard of? The scheduled pull.

OCPI repeats no failed push, so this is part of correctness, not a convenience. Each span overlaps
the one before, because offset paging skips rows when objects change under it (ocpi issue 373), and
ends where the peer's own clock stood: its `last_updated` are of that clock. Once a day sessions and
CDRs are looked back for a week, for what a charger delivered late and dated early.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import (
    NOTHING,
    Day,
    PeerHealth,
    counted,
    due,
    pulled,
    unfit,
)
from chalicelib.domain.connection.refusals import IdentityNotBound, UpdateOutdated
from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, Pulled, Received
from chalicelib.usecases.connection.health import change_health, health_of, healths
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.network.accept_tariff import withdraw_missing
from chalicelib.usecases.network.take import MODULES, Module

OVERLAP = timedelta(minutes=15)
_WINDOW = timedelta(hours=6)  # a longer span is read in parts, and each part counts
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

    with ThreadPoolExecutor(at_once) as pool:
        asked = [known[id_] for id_ in waiting]
        done = list(pool.map(one, asked)) if at_once > 1 else [one(each) for each in asked]
    return [pull for pull in done if pull is not None]


def pull_peer(
    ports: Ports, connection: Connection, everything_since: datetime | None = None
) -> PeerPull:
    """Read all that changed since the last pull; or, on demand, every location and tariff, and the
    sessions and CDRs since an instant.
    """
    health = health_of(ports, connection.id)
    visit = _Visit(ports, connection, health, everything_since)
    for module in MODULES:
        if module.offered(connection):
            visit.module(module)
    change_health(ports, connection.id, visit.health_now)
    refused = tuple(f"{module}: {id_}: {why}" for (module, id_), why in visit.refused.items())
    return PeerPull(connection.id, visit.news, refused, tuple(visit.failed))


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
    failed: list[str] = field(default_factory=list)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.ports.clock.now()
        self.deadline = self.ports.clock.wall() + _PEER_BUDGET
        self.cursors = dict(self.health.cursors)
        back = self.health.looked_back_at
        self.looks_back = back is None or self.at - back >= _LOOK_BACK_EVERY

    def module(self, module: Module) -> None:
        """Read it window by window. What does not answer fails alone, and is read again."""
        for since, until in self._windows(module):
            started = self.ports.clock.wall()
            if started > self.deadline:
                self.failed.append(f"{module.name}: the time for this peer is over")
                return
            try:
                told = module.pull(self.ports, self.connection, since, until)
                self._take(module, told)
            except (NotYet, CpoRefused) as error:
                self.failed.append(f"{module.name}: {str(error)[:_WHY_CHARACTERS_MAX]}")
                self._timed(started, failed=1)
                return
            self._timed(started)
            self._heard(module, told, until)

    def health_now(self, known: PeerHealth) -> PeerHealth:
        """Were two pulls of a peer under way, the first one counts: its span is read again."""
        if known.pulled_at != self.health.pulled_at:
            return known
        done = self.looks_back and not self.failed
        known = replace(
            counted(known, self.at, self.seen),
            cursors=self.cursors,
            looked_back_at=self.at if done else known.looked_back_at,
            skew_s=known.skew_s if self.skew_s is None else self.skew_s,
            refused=unfit(known.refused, self.refused, self.taken, self.at),
        )
        return pulled(known, self.connection.id, self.at, tuple(self.failed))

    def _windows(self, module: Module) -> Iterator[tuple[datetime | None, datetime]]:
        cursor = self._cursor(module)
        since = None if cursor is None else cursor - OVERLAP
        last = self.at + _AHEAD
        if not module.dated:
            anew = module.whole or self.everything_since is not None
            yield None if anew else since, last
            return
        from_ = self.at - _LOOK_BACK if since is None or self.looks_back else since
        from_ = min(from_, since or from_, self.everything_since or from_)
        while from_ + _WINDOW < self.at:
            yield from_, from_ + _WINDOW
            from_ += _WINDOW
        yield from_, last

    def _cursor(self, module: Module) -> datetime | None:
        text = self.health.cursors.get(module.name)
        return None if text is None else datetime.fromisoformat(text)

    def _heard(self, module: Module, told: Pulled, until: datetime) -> None:
        """All until then is known, by the peer's clock. A CDR may need a session that failed.

        The cursor goes back with a clock that was put back, and not for having looked back.
        """
        if told.at is not None:
            self.skew_s = (told.at - self.ports.clock.now()) // timedelta(seconds=1)
        if self.failed:
            return
        reached = min(until, self.at, told.at or self.at)
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
        objects = sorted(told.items, key=lambda received: received.value.last_updated)
        again = [received for received in objects if not self._took(module, received)]
        for received in again:
            self._took(module, received)
        if module.whole and told.complete and objects:  # an empty list is rather a mistake
            unread = {id_ for name, id_ in self.refused if name == module.name}
            self.news += withdraw_missing(self.ports, self.connection, _Listed(objects, unread))

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


class _Listed:
    """The names of a whole list, as `CC*PID#id`; of what has no reading, only the id is known.

    OCPI's ids do not tell capitals from small letters.
    """

    def __init__(self, objects: list[Received], unread: set[str]) -> None:
        values = [received.value for received in objects]
        names = (f"{one.country_code}*{one.party_id}#{one.id}" for one in values)
        self._names = {name.lower() for name in names}
        self._unread = {id_.lower() for id_ in unread}

    def __contains__(self, name: object) -> bool:
        known = str(name).lower()
        return known in self._names or known.partition("#")[2] in self._unread
