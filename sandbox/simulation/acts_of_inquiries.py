"""What if a bank asks before it takes? An inquiry ends by itself, or becomes a chargeback."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.ports.payments import DisputeState, Hold
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts
    from sandbox.simulation.history import History

_BANK_THINKS = timedelta(hours=20)  # it decides quickly here
_ENDS = "ends"


def inquiry(acts: "Acts", act: Act) -> None:
    """The bank asks about a captured payment. `word`: its reason and how it goes on: "ends", or the
    outcome of the chargeback that it becomes; "unsent" and "untold" as of a chargeback.
    """
    history = acts.history
    session_id = str(history.asked[act.trip - 1].session_id)
    paid = [hold for owner, hold in history.payments.holds() if owner == session_id]
    taken = [hold for hold in paid if _is_open(hold)]
    if not taken:
        return
    reason, outcome, *untold = act.word.split()
    if any(other.what == "dispute" and other.word != "deny" for other in history.scenario.acts):
        outcome = _ENDS  # what is paid back is not taken back; were it, people would have to look
    history.payments.mute = untold == ["untold"]
    history.payments.unsent = untold == ["unsent"]
    dispute = history.payments.open_dispute(taken[0].reference, reason, DisputeState.INQUIRY)
    goes_on = partial(_goes_on, history, session_id, dispute, outcome)
    history.post.send("bank", goes_on, at=history.clock.at + _BANK_THINKS)


def _goes_on(history: "History", session_id: str, dispute: str, outcome: str) -> None:
    payments = history.payments
    known = payments.disputes()[dispute]
    if outcome == _ENDS or not _is_open(payments.read(known.payment)):
        payments.close_dispute(dispute, DisputeState.CLOSED)
        return
    payments.escalate_dispute(dispute)
    history.acts.chargebacks[session_id] = f"{known.reason} {outcome}"
    closed = partial(payments.close_dispute, dispute, DisputeState(outcome))
    history.post.send("bank", closed, at=history.clock.at + _BANK_THINKS)


def _is_open(hold: Hold) -> bool:
    """Whether its money is with us: what was given back is not taken back as well."""
    return hold.captured is not None and not (hold.refunded and hold.refunded.minor)
