"""Bugs in how records are written: a dropped condition, a split transaction, a lost row."""

from collections.abc import Callable
from typing import Any

from chalicelib.ports.store import Key, Put, Write
from sandbox.simulation.planted.plant import Planted, Wrong, instead

_TABLE = "sandbox.simulation.table:SimulatedTable._expected"
_USE = "chalicelib.usecases."


def _unchecked(which: Callable[[Write], bool]) -> Wrong:
    return lambda right: lambda table, write: which(write) or right(table, write)


def _of(*prefixes: str) -> Wrong:
    return _unchecked(lambda write: write.key.pk.startswith(prefixes) and isinstance(write, Put))


def _in_pieces(_: Any) -> Any:
    def write(store: Any, *writes: Write) -> None:
        for each in writes:
            store.write(each)

    return write


def _last_first(_: Any) -> Any:
    def write(store: Any, *writes: Write) -> None:
        for each in reversed(writes):
            store.write(each)

    return write


def _state_first(right: Any) -> Any:
    def saved(ports: Any, record: Any, payout: Any, step: str, attempt: int, *writes: Write) -> Any:
        after = right(ports, record, payout, step, attempt)
        for each in writes:
            ports.store.write(each)
        return after

    return saved


def _no_rows(right: Any) -> Any:
    def write(store: Any, *writes: Write) -> None:
        right(store, *(each for each in writes if not each.key.pk.startswith("due#")))

    return write


def _blindly(right: Any) -> Any:
    def writes_of(kept: Any, after: Any) -> Any:
        puts = (each for each in right(kept, after) if isinstance(each, Put))
        return tuple(Put(each.key, each.body, expects=None) for each in puts)

    return writes_of


WRITING = (
    Planted("a session is written without its condition", _TABLE, _of("session#"), by="seed 4"),
    Planted("a CDR is kept without its condition", _TABLE, _of("cdr#", "session#"), by="seed 4"),
    Planted("nothing is conditional", _TABLE, instead(lambda _table, _write: True), by="seed 4"),
    Planted(
        "a transaction is written in pieces",
        f"{_USE}records:write_rows_first",
        _in_pieces,
        by="seed 4",
    ),
    Planted(
        "a transaction's last comes first",
        f"{_USE}records:write_rows_first",
        _last_first,
        by="seed 24",
    ),
    Planted(
        "a payout moves before its entry is written",
        f"{_USE}counterparty.record:saved",
        _state_first,
        by="card: crash_before settle:pay store.write 5",
    ),
    Planted("a purse is written blindly", f"{_USE}partner.purse:writes_of", _blindly, by="seed 4"),
    Planted("no row leads the sweeper", f"{_USE}records:write_rows_first", _no_rows, by="seed 0"),
    Planted(
        "the sweeper looks once",
        f"{_USE}session.watch:next_look",
        instead(lambda _session, _now: None),
        by="seed 70",
    ),
    Planted(
        "the sweeper's rows lie where it has been",
        f"{_USE}keys:due_at",
        lambda right: lambda at, pk: right(at.replace(hour=0, minute=0), pk),
        by="seed 0",
    ),
    Planted(
        "an entry goes into the books alone",
        f"{_USE}payment.booking:book",
        lambda right: lambda *args: _alone(*right(*args)),
        by="card",
    ),
)


def _alone(session: Any, put: Any) -> Any:
    """Written as a row: first, by itself, whatever becomes of its owner; and under its instant."""
    entry = {**put.body, "id": f"{put.body['id']}@{put.body['at']}"}
    return session, Put(Key(put.key.pk, entry["id"]), entry, expects=None)
