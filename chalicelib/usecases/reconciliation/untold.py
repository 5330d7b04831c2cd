"""Which of the provider's lines did no webhook tell us of? They are followed as if one had.

A chargeback and a refund that came back are found by their balance transactions, whatever became of
the provider's words. This reads no more of the provider: who acts on webhooks reads the object.
"""

from collections.abc import Iterable
from datetime import date

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.ids import EntryId, SessionId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import entry_id
from chalicelib.domain.reconciliation.moves import Move, Movement
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.usecases import keys
from chalicelib.usecases.payment.receive_event import receive_event

_TOP_UP = "top_"


def follow_untold(ports: Ports, stated: Iterable[Move], booked: Iterable[EntryId]) -> int:
    """How many lines were handed on; each once a day while it is not booked. None moves money."""
    done, today = {"", *booked}, ports.clock.now().date()
    events = [_event(move, today) for move in stated if _missing(move) not in done]
    return sum(receive_event(ports, RAIL, event, _body(event)) for event in events)


def _missing(move: Move) -> str:
    """The entry that a line of these has once it is followed; "" for any other line."""
    source = _source(move)
    if move.place != RAIL or not source:
        return ""
    if move.what is Movement.DISPUTE:
        return entry_id(keys.chargeback(source).pk, f"moved:{move.subject}")
    if not move.owner or not _came_back(move):
        return ""
    top_up = move.owner.startswith(_TOP_UP)
    owner = keys.top_up(move.owner) if top_up else keys.session(SessionId(move.owner))
    return entry_id(owner.pk, f"refund_failed:{source}")


def _came_back(move: Move) -> bool:
    return move.what is Movement.REFUND and any(minor > 0 for minor in move.net.values())


def _source(move: Move) -> str:
    return next(iter(move.references - {move.subject}), "")


def _event(move: Move, today: date) -> PaymentEvent:
    type_ = "refund.failed" if _came_back(move) else "charge.dispute.updated"
    return PaymentEvent(f"{move.subject}@{today}", type_, _source(move), owner=move.owner)


def _body(event: PaymentEvent) -> bytes:
    return canonical_bytes({"id": event.id, "type": event.type, "found_by": "reconciliation"})
