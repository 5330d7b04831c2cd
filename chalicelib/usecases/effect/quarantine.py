"""What becomes of a record that breaks its reader? It is set aside for people; the rest go on."""

from chalicelib.domain.codec import instant_text
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys

_REASON_CHARACTERS_MAX = 500


def quarantine(ports: Ports, pk: str, reason: str) -> None:
    """Note the owner and why. A later success does not erase the note: people do (runbook)."""
    body = {"at": instant_text(ports.clock.now()), "reason": reason[:_REASON_CHARACTERS_MAX]}
    ports.store.write(Put(keys.quarantine(pk), body, expects=None))
