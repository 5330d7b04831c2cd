"""What is overdue? Every five minutes the sweeper looks at the owners whose row has come.

Rows of five minutes lie together in a bucket. Each bucket is looked at once, when nobody can write
into it any more: so no row needs to be deleted (they expire), which would cost a write unit each.
"""

from datetime import datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.effect.heartbeat import plant
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.records import due_row, find
from chalicelib.usecases.session.look_again import look_again
from chalicelib.usecases.session.watch import next_look

_CURSOR = Key("sweeper")
_BUCKET = timedelta(minutes=keys.DUE_MINUTES)
# A row is written for a moment that has not come yet, by a writer that runs for minutes at most.
_CLOSED_AFTER = _BUCKET + timedelta(minutes=5)
_ROWS_MAX = 5000
_SESSION = "session#"
_FIRST_LOOK_BACK = timedelta(hours=1)  # no sweep before this one: hardly a row either


def sweep(ports: Ports) -> dict[str, int]:
    """Run what is overdue, from where the last sweep ended until now. Counts for the log."""
    now = ports.clock.now()
    cursor = ports.store.get(_CURSOR)
    bucket = _start_of_bucket(now - _FIRST_LOOK_BACK)
    if cursor is not None:
        bucket = datetime.fromisoformat(cursor.body["until"])
    counts = {"looked_at": 0, "stream_answered": int(plant(ports, now))}
    while bucket + _CLOSED_AFTER <= now:
        counts["looked_at"] += _sweep_bucket(ports, bucket, now)
        bucket += _BUCKET
    expects = ABSENT if cursor is None else cursor.version
    ports.store.write(Put(_CURSOR, {"until": instant_text(bucket)}, expects=expects))
    return counts


def _start_of_bucket(at: datetime) -> datetime:
    start = at.replace(second=0, microsecond=0)
    return start - timedelta(minutes=at.minute % keys.DUE_MINUTES)


def _sweep_bucket(ports: Ports, bucket: datetime, now: datetime) -> int:
    looked_at = 0
    for shard in range(keys.DUE_SHARDS):
        rows = ports.store.query(keys.due_bucket(bucket, shard), limit=_ROWS_MAX)
        for row in rows:
            _look(ports, row, now)
        looked_at += len(rows)
    return looked_at


def _look(ports: Ports, row: Item, now: datetime) -> None:
    """Run the owner, and write a row for when it must be looked at again, if ever."""
    pk = row.key.sk
    run_owner(ports, pk)
    if pk.startswith(_SESSION):
        look_again(ports, pk.removeprefix(_SESSION))
    again_at = _next(ports, pk, now)
    if again_at is not None:
        ports.store.write(due_row(again_at, pk))


def _next(ports: Ports, pk: str, now: datetime) -> datetime | None:
    if not pk.startswith(_SESSION):
        return None  # other owners write their own next row
    record = find(ports.store, Key(pk), Session)
    return None if record is None else next_look(record.value, now)
