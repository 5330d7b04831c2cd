"""What has the rail not told us? Open payouts are asked about, kept words are matched.

So are credited ones, at times for ten days: a bank sends back, and the word of it may get lost.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.codec import from_plain, instant_text
from chalicelib.domain.errors import DomainError
from chalicelib.domain.settlement.payout import REMAINDER, Payout, PayoutStage
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import PayoutRefused, RailPayout
from chalicelib.ports.store import Delete, Item, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.convert import BELOW_MINIMUM
from chalicelib.usecases.payout.accept import ASKED_AGAIN, ask_again
from chalicelib.usecases.payout.agree import reopen
from chalicelib.usecases.payout.finish import finish
from chalicelib.usecases.payout.rail import rail
from chalicelib.usecases.payout.rail_changed import rail_changed
from chalicelib.usecases.payout.staff_hold import STAFF_HOLD
from chalicelib.usecases.records import load
from chalicelib.usecases.window.sealed import rows

_ASK_AGAIN = timedelta(hours=1)
_WEEK = timedelta(days=7)  # a bank takes days, over holidays five; most reasons are mended in one
_AGREED = {BELOW_MINIMUM, REMAINDER, STAFF_HOLD}  # may wait for ever, as somebody wants it
_A_SWEEP = 100  # payouts asked about in one run, so that a backlog does not outgrow it


def sweep_payouts(ports: Ports) -> dict[str, int]:
    """One round; how many were asked about, matched and reopened. A failure waits for the next.

    `returned` waits for two people, `unfinished` for what they decided to be done, `uncredited` was
    accepted a week ago and has not arrived, `held_long` was held then: each rings.
    """
    accepted = list(rows(ports, keys.uncredited()))
    asked = sum(_isolated(_ask, ports, row) for row in _due(ports, accepted))
    asked += sum(_isolated(_ask_credited, ports, row) for row in _due_credited(ports))
    matched, unmatched = _done(ports, _match, _unmatched())
    reopened, to_reopen = _done(ports, _reopen, keys.to_reopen())
    finished, approved = _done(ports, _finish, keys.approved())
    if accepted:
        accepted = list(rows(ports, keys.uncredited()))
    waiting = {
        "unmatched": unmatched,
        "uncredited": sum(_is_long_ago(ports, row) for row in accepted),
        "held_long": sum(_is_long_held(ports, row) for row in _held(ports)),
        "returned": _count(ports, keys.returned()),
        "unfinished": to_reopen + approved,
    }
    done = {"asked": asked, "matched": matched, "reopened": reopened, "finished": finished}
    return {**done, **waiting}


def _done(ports: Ports, act: Callable[[Ports, Item], bool], pk: str) -> tuple[int, int]:
    """How many rows of a list were worked off, and how many stand there then."""
    listed = list(rows(ports, pk))
    done = sum(_isolated(act, ports, row) for row in listed)
    return done, _count(ports, pk) if listed else 0


def _held(ports: Ports) -> Iterator[Item]:
    for zone in rows(ports, keys.zones()):
        yield from rows(ports, keys.held_payouts(zone.key.sk))


def _is_long_held(ports: Ports, row: Item) -> bool:
    return row.body["reason"] not in _AGREED and _is_long_ago(ports, row)


def _is_long_ago(ports: Ports, row: Item) -> bool:
    since: Any = row.body.get("since")
    return bool(since) and ports.clock.now() - datetime.fromisoformat(since) >= _WEEK


def _count(ports: Ports, pk: str) -> int:
    return sum(1 for _ in rows(ports, pk))


def _due(ports: Ports, accepted: Iterable[Item]) -> list[Item]:
    at = ports.clock.now()
    open_rows = [row for row in accepted if _is_due(row, at)]
    return sorted(open_rows, key=lambda row: str(row.body.get("asked_at", "")))[:_A_SWEEP]


def _is_due(row: Item, at: datetime) -> bool:
    asked_at: Any = row.body.get("asked_at")
    return asked_at is None or at - datetime.fromisoformat(asked_at) >= _ASK_AGAIN


def _ask(ports: Ports, row: Item) -> bool:
    payout = load(ports.store, keys.payout(row.key.sk), Payout, "payout").value
    body = {**row.body, "asked_at": instant_text(ports.clock.now())}
    ports.store.write(Put(row.key, body, expects=row.version))
    said = rail(ports, payout.account).read_payout(payout.reference, payout.account)
    return rail_changed(ports, payout.id, said)


def _due_credited(ports: Ports) -> list[Item]:
    """The first to ask about come first, so that the rest of the partition is not read."""
    now = instant_text(ports.clock.now())
    first = ports.store.query(keys.returnable(), limit=_A_SWEEP)
    return [row for row in first if row.key.sk.partition("#")[0] <= now]


def _ask_credited(ports: Ports, row: Item) -> bool:
    """Whether the rail was asked; then its row gives way to the one of the next time, if any."""
    payout = load(ports.store, keys.payout(row.key.sk.partition("#")[2]), Payout, "payout").value
    if payout.stage is PayoutStage.CREDITED:
        with suppress(PayoutRefused):  # an account that was closed since then shows nothing more
            said = rail(ports, payout.account).read_payout(payout.reference, payout.account)
            rail_changed(ports, payout.id, said)
    times = int(row.body["times"]) + 1
    after: list[Write] = [Delete(row.key, expects=row.version)]
    if payout.stage is PayoutStage.CREDITED and times < len(ASKED_AGAIN):
        credited_at = datetime.fromisoformat(row.body["credited_at"])
        after.append(ask_again(payout.id, credited_at, times))
    ports.store.write(*after)
    return True


def _match(ports: Ports, row: Item) -> bool:
    said = from_plain(RailPayout, row.body["rail"])
    return rail_changed(ports, str(row.body["payout"]), said)


def _reopen(ports: Ports, row: Item) -> bool:
    reopen(ports, row.key.sk)
    return True


def _finish(ports: Ports, row: Item) -> bool:
    return finish(ports, row.key.sk)


def _isolated(act: Callable[[Ports, Item], bool], ports: Ports, row: Item) -> bool:
    try:
        return act(ports, row)
    except DomainError:
        return False


def _unmatched() -> str:
    return keys.unmatched_payout("").pk
