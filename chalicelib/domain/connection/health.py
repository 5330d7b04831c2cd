"""How well does a CPO's connection work, and when is it pulled again?

Learned and written by the pull, once a pull and peer, and by a start that was not answered: no
message and no session that goes well costs a write for it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

EVERY = timedelta(hours=1)
_FIRST_PAUSE = timedelta(minutes=5)
_DAYS_KEPT = 7
REFUSED_KEPT_MAX = 20
_REFUSED_KEPT = timedelta(days=14)
SKEW_S_MAX = 120  # a clock that is further off deserves a word to the CPO
_PERMILLE = 1000
_HOUR_S = 3600
_FAILURES_SERIOUS = 3
OVERLAP = timedelta(minutes=15)  # of a list with the one before it
_SAME_DOUBT = timedelta(minutes=1)  # a CPO whose dates stand still is not written for each push


@dataclass(frozen=True, slots=True)
class Day:
    """What a UTC day's pulls saw. A module that was asked is a call.

    `told` objects were new or changed; of them `lost` were told by the pull and by no push.
    `disputed` CDRs asked for more than the published price. `starts_unanswered` were sent, and
    nobody knows whether they arrived.
    """

    calls: int = 0
    failed: int = 0
    took_ms: int = 0
    slowest_ms: int = 0
    told: int = 0
    lost: int = 0
    cdrs: int = 0
    cdr_delay_s: int = 0  # of all of them together, from the session's end
    cdr_delay_max_s: int = 0
    disputed: int = 0
    starts_unanswered: int = 0

    def plus(self, other: "Day") -> "Day":
        return Day(
            calls=self.calls + other.calls,
            failed=self.failed + other.failed,
            took_ms=self.took_ms + other.took_ms,
            slowest_ms=max(self.slowest_ms, other.slowest_ms),
            told=self.told + other.told,
            lost=self.lost + other.lost,
            cdrs=self.cdrs + other.cdrs,
            cdr_delay_s=self.cdr_delay_s + other.cdr_delay_s,
            cdr_delay_max_s=max(self.cdr_delay_max_s, other.cdr_delay_max_s),
            disputed=self.disputed + other.disputed,
            starts_unanswered=self.starts_unanswered + other.starts_unanswered,
        )


NOTHING = Day()


@dataclass(frozen=True, slots=True)
class Unfit:
    """An object that the CPO lists and that we cannot take: its module and id, and why."""

    module: str
    id: str
    why: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Where a list goes on, and the instant until which it is known once it has ended."""

    place: str
    began: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two words of one `last_updated` were pushed: which of them came `at` last may be the older.

    The next list decides, asked for `since` that instant.
    """

    since: datetime
    at: datetime

    def over(self, began: datetime) -> bool:
        """Whether a list that began to be read then tells what holds."""
        return self.at + _SAME_DOUBT <= began


@dataclass(frozen=True, slots=True)
class PeerHealth:
    """`cursors`: for each module the instant, by the peer's clock, until which all was heard.

    `rests`: for each module whose list was too long for one pull where it goes on, and when its
    reading began. `looking_back`: how far the look back has come that is under way. `doubts`: for
    each module from when its next list must begin at the latest.
    """

    cursors: Mapping[str, str] = field(default_factory=dict)
    failures: int = 0  # pulls in a row that were not answered whole
    failed: tuple[str, ...] = ()  # what was not answered last, and why
    pulled_at: datetime | None = None
    answered_at: datetime | None = None  # the last pull that was answered whole
    next_pull: datetime | None = None
    turned_at: datetime | None = None  # when it last became reachable, or ceased to be
    looked_back_at: datetime | None = None
    looking_back: datetime | None = None
    rests: Mapping[str, Rest] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    skew_s: int = 0  # the peer's clock less ours
    refused: tuple[Unfit, ...] = ()
    days: Mapping[str, Day] = field(default_factory=dict)

    @property
    def week(self) -> Day:
        """All the days that are kept, together."""
        total = NOTHING
        for day in self.days.values():
            total = total.plus(day)
        return total

    @property
    def reachable(self) -> bool:
        """Not so once several pulls in a row went unanswered: others are preferred to it."""
        return self.failures < _FAILURES_SERIOUS

    @property
    def answered_permille(self) -> int:
        """Of the week's calls; a connection that was never called is as good as any."""
        week = self.week
        return _share(week.calls - week.failed, week.calls + week.starts_unanswered)

    @property
    def latency_ms(self) -> int:
        """A call's, on average over the week; 0 where none was made."""
        week = self.week
        return week.took_ms // week.calls if week.calls else 0

    @property
    def disputed_permille(self) -> int:
        """Of the week's CDRs: what asked for more than the published price."""
        week = self.week
        return week.disputed * _PERMILLE // week.cdrs if week.cdrs else 0

    @property
    def cdr_delay_h(self) -> int:
        """Whole hours from a session's end to its CDR, on average over the week."""
        week = self.week
        return week.cdr_delay_s // week.cdrs // _HOUR_S if week.cdrs else 0

    @property
    def clock_off_s(self) -> int:
        """By how much its clock is off, beyond what does no harm."""
        return max(0, abs(self.skew_s) - SKEW_S_MAX)

    @property
    def pushed_permille(self) -> int:
        """Of the week's news: what was pushed and need not have been pulled."""
        week = self.week
        return _share(week.told - week.lost, week.told)


def _share(part: int, whole: int) -> int:
    return part * _PERMILLE // whole if whole else _PERMILLE


def due(health: PeerHealth, at: datetime) -> bool:
    return health.next_pull is None or health.next_pull <= at


def pulled(
    health: PeerHealth, peer_id: str, at: datetime, failed: tuple[str, ...], *, more: bool = False
) -> PeerHealth:
    """The health after a pull at an instant, of which some modules `failed`.

    `more`: it was we who ended it, because there was too much for one pull; the next goes on soon.
    """
    failures = health.failures + 1 if failed else 0
    wait = timedelta(0) if more and not failed else pause(peer_id, at, failures)
    turned = health.reachable is not (failures < _FAILURES_SERIOUS)
    return replace(
        health,
        turned_at=at if turned else health.turned_at,
        pulled_at=at,
        failed=failed,
        failures=failures,
        answered_at=health.answered_at if failed else at,
        next_pull=at + wait,
    )


def pause(peer_id: str, at: datetime, failures: int) -> timedelta:
    """An hour; after a failure five minutes, twice as long after each further one, to an hour.

    Jitter shortens it by up to a quarter, so that CPOs which went silent together are not asked
    together. It follows from peer and instant: a repeated run makes the same choice.
    """
    longest = EVERY if not failures else min(_FIRST_PAUSE * 2 ** min(failures - 1, 9), EVERY)
    dice = int.from_bytes(sha256(f"{peer_id} {at.isoformat()}".encode()).digest()[:2], "big")
    return longest - longest * dice // (4 * 0x10000)


def doubted(health: PeerHealth, module: str, since: datetime, at: datetime) -> PeerHealth:
    """The health after a push told something else of an instant than what was known of it.

    What is younger than the overlap is in the next list anyway.
    """
    known = health.doubts.get(module)
    if since >= at + timedelta(seconds=health.skew_s) - OVERLAP:
        return health
    if known is not None:
        if known.since <= since and at < known.at + _SAME_DOUBT:
            return health
        since = min(since, known.since)
    return replace(health, doubts={**health.doubts, module: Doubt(since, at)})


def unfit(
    known: tuple[Unfit, ...],
    found: Mapping[tuple[str, str], str],
    taken: Container[tuple[str, str]],
    at: datetime,
) -> tuple[Unfit, ...]:
    """What cannot be taken: as `known`, and as this pull `found` it; the newest first.

    What has been `taken` since is fit, and what was not mentioned for long is forgotten.
    """
    since = {(one.module, one.id): one.since for one in known}
    news = [Unfit(*name, why, since.get(name, at)) for name, why in found.items()]
    others = [
        one
        for one in known
        if (one.module, one.id) not in found
        and (one.module, one.id) not in taken
        and at - one.since < _REFUSED_KEPT
    ]
    both = sorted((*news, *others), key=lambda one: one.since, reverse=True)
    return tuple(both[:REFUSED_KEPT_MAX])


def counted(health: PeerHealth, at: datetime, seen: Day) -> PeerHealth:
    """The health with what was seen added to its day."""
    today = at.date().isoformat()
    days = {**health.days, today: health.days.get(today, NOTHING).plus(seen)}
    return replace(health, days={day: days[day] for day in sorted(days)[-_DAYS_KEPT:]})
