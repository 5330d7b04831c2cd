"""May this account be paid again? Not after a return, until a person has looked and says so."""

from datetime import datetime
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Conflict
from chalicelib.domain.person import named
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys

ACCOUNT_BLOCKED = "account_blocked"


class AccountNotBlocked(Conflict):
    code = "account_not_blocked"

    def __init__(self, account: str) -> None:
        super().__init__(f"{account} is not blocked")
        self.account = account


def blocked(account: str, reason: str, payout_id: str, at: datetime) -> Put:
    """The write that blocks an account; blocked again, the last reason stands."""
    body = {"blocked": True, "reason": reason, "payout": payout_id, "at": instant_text(at)}
    return Put(keys.destination(account), body, expects=None)


def is_blocked(ports: Ports, account: str) -> bool:
    item = ports.store.get(keys.destination(account))
    return item is not None and bool(item.body["blocked"])


def unblock(ports: Ports, account: str, person: str) -> dict[str, Any]:
    """A person says that the account is right; who and when stays. The next window pays."""
    name = named(person)
    item = ports.store.get(keys.destination(account))
    if item is None or not item.body["blocked"]:
        raise AccountNotBlocked(account)
    said = {"unblocked_by": name, "unblocked_at": instant_text(ports.clock.now())}
    body = {**item.body, "blocked": False, **said}
    ports.store.write(Put(item.key, body, expects=item.version))
    return {"account": account, **body}
