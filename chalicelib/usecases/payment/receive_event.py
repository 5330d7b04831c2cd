"""What becomes of a provider's webhook? It is kept but for secrets, and acted on by `follow_event`.

Most of them tell a session what it knows already, from the answer to its own call: those are not
kept, since each would cost as much as a dozen of the charger's updates.

The route that receives it may not call the provider (its role has no such credentials), so the
item waits for the table's stream like an effect does, with a row for the sweeper.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.domain.codec import to_plain
from chalicelib.domain.payment.payment import AWAITS_PROVIDER
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import due_row, find, write_rows_first

_ITEM_BYTES_MAX = 4096  # a longer body is sealed in a file, and the item names it
_KEPT = timedelta(days=90)
_SECRET = re.compile(rb'("client_secret"\s*:\s*)"[^"]*"')  # opens a form: nobody's to keep
SWEPT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """An event and where it stands: `outcome` is empty until it was acted on."""

    provider: str
    id: str
    type: str
    subject: str
    account: str
    owner: str
    received_at: datetime
    body: str = ""
    file: str = ""
    attempts: int = 0
    outcome: str = ""


def of_interest(type_: str) -> bool:
    """The others are kept and nothing follows from them."""
    kinds = ("payment_intent.", "payout.", "charge.dispute.", "setup_intent.", "refund.failed")
    return type_.startswith(kinds)


def receive_event(ports: Ports, provider: str, event: PaymentEvent, body: bytes) -> bool:
    """Keep a proven event once; False when it was here before, or its session waits for none."""
    if _known_already(ports, event):
        return False
    body = _SECRET.sub(rb'\1""', body)
    at = ports.clock.now()
    follows = of_interest(event.type)
    name = ""
    if len(body) > _ITEM_BYTES_MAX:
        name = f"webhook/{provider}/{sha256(body).hexdigest()}.json"
        ports.files.seal(name, body, "application/json")
    kept = ProviderEvent(
        provider,
        event.id,
        event.type,
        event.subject,
        event.account,
        event.owner,
        at,
        body="" if name else body.decode(),
        file=name,
        outcome="" if follows else "ignored",
    )
    key = keys.provider_event(provider, event.id)
    expires = int((at + _KEPT).timestamp())
    writes = [Put(key, to_plain(kept), pending=int(follows), expires_at=expires)]
    if follows:
        writes.append(due_row(at + SWEPT_AFTER, key.pk))
    try:
        write_rows_first(ports.store, *writes)
    except WriteConflict:
        return False
    return True


def _known_already(ports: Ports, event: PaymentEvent) -> bool:
    if not event.type.startswith("payment_intent.") or not event.owner:
        return False
    session = find(ports.store, keys.session(event.owner), Session)
    return session is not None and session.value.payment.state not in AWAITS_PROVIDER
