"""Which effects of a dispute, and of a credit that waits for its original, are due?

A dispute that was granted is over once nothing is on its way to the driver any more; its page of
evidence is sealed last.
"""

from dataclasses import replace

from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.domain.dispute.lifecycle import DisputeEvent, advance
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.payment.waiting import settled
from chalicelib.domain.session.session import Booked
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.credit import EarlyCredit, look_for_original
from chalicelib.usecases.dispute.page import seal_page
from chalicelib.usecases.dispute.payback import is_even
from chalicelib.usecases.effect.even_out import PaymentMoves
from chalicelib.usecases.effect.waiting import Came, run_waiting
from chalicelib.usecases.session.read import record as session_record


def run_dispute(ports: Ports, pk: str) -> None:
    run_waiting(ports, pk, Dispute, {EffectKind.LOOK_UP: _look, EffectKind.SEAL_EVIDENCE: _seal})


def run_early_credit(ports: Ports, pk: str) -> None:
    run_waiting(ports, pk, EarlyCredit, {EffectKind.LOOK_UP: look_for_original})


def _look(ports: Ports, dispute: Dispute, effect: Effect) -> Came[Dispute]:
    """Until the driver has it back; whatever refund was booked for it is then named."""
    session = session_record(ports, dispute.session_id).value
    if not is_even(session):
        raise PaymentMoves(session.id, session.payment.state.value)
    refunds = [booked for booked in session.booked if _is_its(ports, dispute, booked)]
    done = replace(settled(dispute, effect), booked=(*dispute.booked, *refunds))
    closed = advance(done, DisputeEvent.EVEN, ports.clock.now())
    return Came(closed, (Delete(Key(keys.disputes_open(), dispute.id)),))


def _is_its(ports: Ports, dispute: Dispute, booked: Booked) -> bool:
    if not booked.name.startswith("refund"):
        return False
    item = ports.store.get(keys.entry(booked.window, booked.entry_id))
    return item is not None and item.body["refs"].get("dispute") == dispute.id


def _seal(ports: Ports, dispute: Dispute, effect: Effect) -> Came[Dispute]:
    name = seal_page(ports, dispute)
    return Came(replace(settled(dispute, effect), evidence=name))
