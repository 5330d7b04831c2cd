"""What is in the books? Every entry once: the sealed files, and what no file names yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import EntryId, WindowId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import after, before, window_id, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import channel, parties
from chalicelib.usecases.records import load
from chalicelib.usecases.window.sealed import rows, sealed_entries
from chalicelib.usecases.window.sealing import LOOK_BACK

# An entry lies in the window of its instant, or in its session's own, which is a day older at most.
_BOOKED_WITHIN = timedelta(days=3)
_UNOPENED_DAYS = 14  # how far back a zone is read that has no window yet


def journal(
    ports: Ports, as_of: datetime | None = None, since: datetime | None = None
) -> list[Entry]:
    """Every entry between two instants, in order of time; None is the beginning, and now."""
    found: dict[EntryId, Entry] = {}
    for entry in _entries(ports, since):
        if (as_of is None or entry.at <= as_of) and (since is None or entry.at >= since):
            found.setdefault(entry.id, entry)
    return sorted(found.values(), key=lambda entry: (entry.at, entry.id))


def windows_of(ports: Ports, since: datetime | None = None) -> list[WindowRun]:
    """Every window that was ever opened, in order of its id; or those in which something of this
    instant or later may be.
    """
    after = "" if since is None else (since - _BOOKED_WITHIN).date().isoformat()
    ids = [WindowId(row.key.sk) for row in rows(ports, keys.windows(), after=after)]
    return [load(ports.store, keys.window(id_), WindowRun, "window").value for id_ in ids]


def _entries(ports: Ports, since: datetime | None) -> Iterator[Entry]:
    runs = windows_of(ports, since)
    for run in runs:
        yield from sealed_entries(ports, run)
    for zone in sorted(_zones(ports) | {zone_of(run.id) for run in runs}):
        for window in _unsealed(ports, zone, runs):
            for shard in range(keys.ENTRY_SHARDS):
                for item in rows(ports, keys.entries(window, shard)):
                    yield from_plain(Entry, item.body)


def _zones(ports: Ports) -> set[str]:
    """The zones of the CPOs, and the channel's own: what comes in lies in its windows."""
    found = {p.time_zone for p in parties(ports) if p.kind is PartyKind.CPO}
    try:
        found.add(channel(ports).time_zone)
    except NotFound:  # before the first party is registered
        return found
    return found


def _unsealed(ports: Ports, zone: str, runs: list[WindowRun]) -> Iterator[WindowId]:
    """The zone's windows in whose shards something may lie that no sealed file names."""
    now = ports.clock.now()
    frozen = [r.id for r in runs if zone_of(r.id) == zone and r.reached(Stage.FROZEN)]
    first = before(max(frozen), LOOK_BACK) if frozen else _begun(zone, now, runs)
    last = window_id(now, zone)
    while first <= last:
        yield first
        first = after(first)


def _begun(zone: str, now: datetime, runs: list[WindowRun]) -> WindowId:
    days = timedelta(days=_UNOPENED_DAYS)
    return min([window_id(now - days, zone), *(r.id for r in runs if zone_of(r.id) == zone)])
