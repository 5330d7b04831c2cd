"""Under which key lie the books and the settlement of their days?"""

from functools import lru_cache

from chalicelib.domain.ids import EntryId, PartyId, WindowId
from chalicelib.domain.ledger.entry import entry_id
from chalicelib.domain.settlement.netting import SESSION_OWNER
from chalicelib.ports.store import Key
from chalicelib.usecases.keys.of_shards import entry_shard


def entries(window: WindowId, shard: int) -> str:
    return f"entry#{window}#{shard}"


def entry(window: WindowId, id_: EntryId) -> Key:
    return Key(entries(window, entry_shard(id_)), id_)


def receipt(kind: str, reference: str) -> Key:
    """Owner of the entry of money that came in outside a session (top-up, invoice paid, float)."""
    return Key(f"receipt#{kind}#{reference}")


def daily_rates(day: str) -> Key:
    return Key("fx", day)


def window(window_id: WindowId) -> Key:
    return Key(f"window#{window_id}")


def windows() -> str:
    """Partition that lists every window that was ever opened, sk = its id."""
    return "windows"


def ended(window_id: WindowId, shard: int) -> str:
    """Partition of the sessions that ended in a window, billed or not, sk = session id."""
    return f"ended#{window_id}#{shard}"


def ended_session(window_id: WindowId, session_id: str) -> Key:
    return Key(ended(window_id, ended_shard(session_id)), session_id)


@lru_cache(4096)
def ended_shard(session_id: str) -> int:
    """That of the session's entries: whoever looks at some of its shards finds both in them."""
    return entry_shard(entry_id(f"{SESSION_OWNER}{session_id}", "sale"))


def zones() -> str:
    """Partition of the time zones that are settled, sk = the zone: which day is opened next."""
    return "zones"


def open_windows() -> str:
    """Partition of the windows whose settlement is not closed, sk = window id."""
    return "windows-open"


def unpublished_windows() -> str:
    """Partition of the closed windows whose 48-hour shares are not final, sk = window id."""
    return "windows-unpublished"


def unsettled(zone: str) -> str:
    """Partition of the entries that a zone's reconciliation held, sk = entry id; never deleted."""
    return f"unsettled#{zone}"


def held_payouts(zone: str) -> str:
    """Partition of a zone's payouts that wait for the next window to take them over."""
    return f"held#{zone}"


def debts(zone: str) -> str:
    """Partition of what a zone's payees owe us and no window has kept yet, sk = debt id."""
    return f"debts#{zone}"


def debt(debt_id: str) -> Key:
    """A debt as it stands: open, set off, invoiced or paid."""
    return Key(f"debt#{debt_id}")


def claims(party_id: PartyId) -> str:
    """Partition of the claims on a payee, sk = `<day>#<debt id>`."""
    return f"claims#{party_id}"


def window_payouts(window_id: WindowId) -> str:
    """Partition of the payouts of a window, sk = payout id."""
    return f"window-payouts#{window_id}"
