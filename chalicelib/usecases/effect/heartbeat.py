"""Is the table's stream being read? A canary asks, and the stream's reader answers.

The sweeper plants a canary each time; one that is still unanswered at the next sweep means that
effects stand still, which is an alarm (docs/runbook.md).
"""

from datetime import datetime

from chalicelib.domain.codec import instant_text
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key, Put

CANARY = Key("canary#effects")


def plant(ports: Ports, at: datetime, before: Item | None = None) -> bool:
    """Ask; True when the canary `before` it was answered, or there was none."""
    ports.store.write(
        Put(CANARY, {"asked": instant_text(at), "answered": False}, expects=None, pending=1)
    )
    return before is None or bool(before.body.get("answered"))


def beat(ports: Ports, pk: str) -> None:
    """Answer."""
    item = ports.store.get(Key(pk))
    if item is not None and not item.body.get("answered"):
        ports.store.write(Put(item.key, {**item.body, "answered": True}, expects=item.version))


def answered(ports: Ports) -> bool:
    item = ports.store.get(CANARY)
    return item is not None and bool(item.body.get("answered"))
