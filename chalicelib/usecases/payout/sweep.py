"""What has the rail not told us? Open payouts are asked about, kept words are matched."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.codec import from_plain, instant_text
from chalicelib.domain.errors import DomainError
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import RailPayout
from chalicelib.ports.store import Item, Put
from chalicelib.usecases import keys
from chalicelib.usecases.payout.agree import reopen
from chalicelib.usecases.payout.finish import finish
from chalicelib.usecases.payout.rail import rail
from chalicelib.usecases.payout.rail_changed import rail_changed
from chalicelib.usecases.records import load
from chalicelib.usecases.window.sealed import rows

_ASK_AGAIN = timedelta(hours=1)
_A_SWEEP = 100  # payouts asked about in one run, so that a backlog does not outgrow it


def sweep_payouts(ports: Ports) -> dict[str, int]:
    """One round; how many were asked about, matched and reopened. A failure waits for the next."""
    asked = sum(_isolated(_ask, ports, row) for row in _due(ports))
    matched = sum(_isolated(_match, ports, row) for row in rows(ports, _unmatched()))
    reopened = sum(_isolated(_reopen, ports, row) for row in rows(ports, keys.to_reopen()))
    finished = sum(_isolated(_finish, ports, row) for row in rows(ports, keys.approved()))
    unmatched = sum(1 for _ in rows(ports, _unmatched()))
    done = {"asked": asked, "matched": matched, "reopened": reopened, "finished": finished}
    return {**done, "unmatched": unmatched}


def _due(ports: Ports) -> list[Item]:
    at = ports.clock.now()
    open_rows = [row for row in rows(ports, keys.uncredited()) if _is_due(row, at)]
    return sorted(open_rows, key=lambda row: str(row.body.get("asked_at", "")))[:_A_SWEEP]


def _is_due(row: Item, at: datetime) -> bool:
    asked_at: Any = row.body.get("asked_at")
    return asked_at is None or at - datetime.fromisoformat(asked_at) >= _ASK_AGAIN


def _ask(ports: Ports, row: Item) -> bool:
    payout = load(ports.store, keys.payout(row.key.sk), Payout, "payout").value
    body = {"asked_at": instant_text(ports.clock.now())}
    ports.store.write(Put(row.key, body, expects=row.version))
    said = rail(ports, payout.account).read_payout(payout.reference, payout.account)
    return rail_changed(ports, payout.id, said)


def _match(ports: Ports, row: Item) -> bool:
    said = from_plain(RailPayout, row.body["rail"])
    return rail_changed(ports, str(row.body["payout"]), said)


def _reopen(ports: Ports, row: Item) -> bool:
    reopen(ports, row.key.sk)
    return True


def _finish(ports: Ports, row: Item) -> bool:
    return finish(ports, row.key.sk)


def _isolated(act: Any, ports: Ports, row: Item) -> bool:  # noqa: ANN401 - one of the above
    try:
        return bool(act(ports, row))
    except DomainError:
        return False


def _unmatched() -> str:
    return keys.unmatched_payout("").pk
