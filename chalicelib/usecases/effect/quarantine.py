"""What becomes of a record that breaks its reader? It is set aside for people; the rest go on."""

from dataclasses import dataclass

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotFound
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Put
from chalicelib.usecases import keys
from chalicelib.usecases.records import due_row

_REASON_CHARACTERS_MAX = 500
_PAGE = 100


def quarantine(ports: Ports, pk: str, reason: str) -> None:
    """Note the owner and why. A later success does not erase the note: people do (runbook)."""
    body = {"at": instant_text(ports.clock.now()), "reason": reason[:_REASON_CHARACTERS_MAX]}
    ports.store.write(Put(keys.quarantine(pk), body, expects=None))


@dataclass(frozen=True, slots=True)
class Note:
    """What was set aside: whose partition, since when, and why."""

    owner: str
    at: str
    reason: str


class NotQuarantined(NotFound):
    how_to_fix = "`admin quarantine list` shows what is"


def quarantined(ports: Ports) -> list[Note]:
    """Every note, in order of the owner."""
    notes = list[Note]()
    while True:
        after = notes[-1].owner if notes else ""
        page = ports.store.query(keys.quarantine("").pk, after=after, limit=_PAGE)
        notes += [Note(item.key.sk, item.body["at"], item.body["reason"]) for item in page]
        if len(page) < _PAGE:
            return notes


def release(ports: Ports, pk: str) -> Note:
    """Take a note away and have its owner looked at by the next sweep; its effects are safe twice.

    A record that still breaks its reader is set aside again.
    """
    item = ports.store.get(keys.quarantine(pk))
    if item is None:
        raise NotQuarantined("quarantine", pk)
    ports.store.write(Delete(item.key), due_row(ports.clock.now(), pk))
    return Note(pk, item.body["at"], item.body["reason"])
