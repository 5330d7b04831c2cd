"""A day of many sessions with their records, on disk: as a table and a bucket hold them.

One session is charged, billed and captured by the use cases themselves; the others are stamped from
it, with ids of their own.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.window_files import DiskFiles
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.evidence.manifest import PACK, packed
from chalicelib.domain.ledger.entry import Entry, entry_id
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.packed import in_order
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import freeze_at
from chalicelib.ports.store import Item, Key
from chalicelib.usecases import keys
from chalicelib.usecases.records import create
from chalicelib.usecases.window.sealed import seal_entries
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import EUR, World

ATTEMPT = 1
_SESSIONS_A_FILE = 8000  # two entries each: as usecases/window/sealing.py cuts them
_TABLE = "create table items (pk text, sk text, body blob, primary key (pk, sk)) without rowid"
_PAGE = "select sk, body from items where pk = ? and sk > ? order by sk limit ?"


class DiskStore(MemoryStore):
    """What use cases write is in memory; what was stamped is in a file, and is only read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = sqlite3.connect(path)
        self._file.execute(_TABLE)

    def stamp(self, key: Key, body: str) -> None:
        self._file.execute("insert into items values (?, ?, ?)", (key.pk, key.sk, body))

    def get(self, key: Key) -> Item | None:
        found = super().get(key)
        if found is not None:
            return found
        asked = "select body from items where pk = ? and sk = ?"
        row = self._file.execute(asked, (key.pk, key.sk)).fetchone()
        return None if row is None else Item(key, 1, json.loads(row[0]))

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        if not pk.startswith(("ended#", "entry#")):
            return super().query(pk, prefix=prefix, after=after, limit=limit, descending=descending)
        found = self._file.execute(_PAGE, (pk, after, limit))
        return [Item(Key(pk, sk), 1, json.loads(body)) for sk, body in found]


class PackedFiles(DiskFiles):
    """Every session has its evidence, of which the settlement's page needs the manifest."""

    def read(self, name: str) -> bytes | None:
        if name.startswith("evidence/") and name.endswith(f"/{PACK}"):
            return packed(b"{}", {})
        return super().read(name)


def stamped(folder: Path, sessions: int) -> MemoryPorts:
    """A frozen window of so many sessions, and all that its settlement reads."""
    store = DiskStore(folder / "table.db")
    settled = SettledWorld(World(MemoryPorts(store=store, files=PackedFiles(folder))))
    ports = settled.world.ports
    ports.payouts.fund(Money(10**12, EUR))
    template = _Template(settled)
    sealed = []
    for start in range(0, sessions, _SESSIONS_A_FILE):
        numbers = range(start, min(start + _SESSIONS_A_FILE, sessions))
        entries = in_order(each for number in numbers for each in template.stamp(store, number))
        sealed.append(seal_entries(ports, DAY, entries))
    ports.clock.at = freeze_at(DAY)
    run = WindowRun(DAY, Stage.PULLED, ports.clock.now(), lease=ATTEMPT, sealed=tuple(sealed))
    store.write(create(keys.window(DAY), run))
    return ports


class _Template:
    """One session's records, of which the ids are replaced."""

    def __init__(self, settled: SettledWorld) -> None:
        session = settled.charge()
        cdr = settled.world.ports.store.get(keys.cdr(session.peer_id, "DE", "RHE", session.cdr_id))
        assert cdr is not None, "a billed session's CDR is kept"
        self._ids = session.id, session.cdr_id
        self._session, self._cdr = json.dumps(to_plain(session)), json.dumps(dict(cdr.body))
        own = [each for each in settled.entries() if each.owner == f"session#{session.id}"]
        names = {booked.entry_id: booked.name for booked in session.booked}
        self._entries: Sequence[tuple[str, Entry]] = [(names[each.id], each) for each in own]

    def stamp(self, store: DiskStore, number: int) -> Iterator[Entry]:
        """Write the session, its CDR and its row in the register; its entries."""
        ids = f"ses_{number:032x}", f"CDR-{number}"
        session = from_plain(Session, json.loads(self._with(ids, self._session)))
        made = [(name, self._entry(ids[0], name, each)) for name, each in self._entries]
        booked = dict(made)
        session = replace(
            session,
            booked=tuple(
                replace(each, entry_id=booked[each.name].id, hash=booked[each.name].hash)
                for each in session.booked
            ),
        )
        cdr = keys.cdr(session.peer_id, "DE", "RHE", session.cdr_id)
        store.stamp(keys.session(session.id), json.dumps(to_plain(session)))
        store.stamp(cdr, self._with(ids, self._cdr))
        store.stamp(keys.ended_session(DAY, session.id), "{}")
        yield from (each for _, each in made)

    def _with(self, ids: tuple[str, str], text: str) -> str:
        for known, other in zip(self._ids, ids, strict=True):
            text = text.replace(known, other)
        return text

    def _entry(self, session_id: str, name: str, known: Entry) -> Entry:
        owner = f"session#{session_id}"
        return replace(known, id=entry_id(owner, name), owner=owner)
