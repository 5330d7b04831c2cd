"""What do drivers and their banks, and CPOs that take a CDR back, do beside charging?"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.dispute import Dispute, Reason
from chalicelib.domain.dispute.dispute import DisputeState as Decided
from chalicelib.domain.ids import external_id
from chalicelib.domain.payment.saved_method import MethodKind
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import deny, grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.payment.refund_failed import refund_again
from chalicelib.usecases.payment.save_method import ask_method, detach_method
from sandbox.memory.world import PARTNERS
from sandbox.simulation.market import token_of
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import CARDS, Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

ADA, GRACE = "Ada Lovelace", "Grace Hopper"
_CARD = PaymentMethod.CARD
_CLOSED_AFTER = timedelta(hours=20)  # a driver's bank decides quickly here


def dispute(acts: "Acts", act: Act) -> None:
    """A driver wants money back; people decide. Above a limit it takes two of them."""
    asked = acts.history.asked[act.trip - 1]
    partner, id_ = PARTNERS[asked.trip.method], asked.session_id
    wanted, key = act.minor or None, f"dispute-{act.trip}"

    def opens(ports: Ports) -> Dispute:
        return open_for_driver(ports, partner, id_, Reason.NOT_DELIVERED, wanted, "no", key, "hash")

    acts.ask("open_dispute", opens, partial(_decide, acts, act.word))


def _decide(acts: "Acts", word: str, opened: Ran) -> None:
    if opened.end is not End.DONE:
        return
    id_, session_id = opened.value.id, opened.value.session_id

    def given(ran: Ran) -> None:
        if ran.end is End.DONE or _is_granted(acts, id_):
            acts.granted[session_id] = opened.value.money.minor

    def first(ran: Ran) -> None:
        if _body(acts, id_).get("state") == Decided.PROPOSED:  # also when Ada's answer was lost
            acts.after(1, partial(acts.ask, "grant", partial(_granted, id_, GRACE), given))
        else:
            given(ran)

    if word == "deny":
        no = partial(deny, dispute_id=id_, reason="it was", person=ADA)
        acts.after(2, partial(acts.ask, "deny", no))
    else:
        acts.after(2, partial(acts.ask, "grant", partial(_granted, id_, ADA), first))


def _is_granted(acts: "Acts", id_: str) -> bool:
    """Whoever died after it was written asks again, and is told that it is decided."""
    decision = _body(acts, id_).get("decision") or {}
    return decision.get("money") is not None


def _body(acts: "Acts", id_: str) -> Mapping[str, Any]:
    item = acts.history.table.get(keys.dispute(id_))
    return {} if item is None else item.body


def refund_returns(acts: "Acts", act: Act) -> None:
    """The driver's card sends a refund back; staff have it tried again.

    `word`: "untold" where no webhook says so.
    """
    history = acts.history
    history.payments.mute = act.word == "untold"
    session_id = str(history.asked[act.trip - 1].session_id)
    given = [
        hold
        for owner, hold in history.payments.holds()
        if owner == session_id and hold.refunded is not None and hold.refunded.minor
    ]
    if given:
        history.payments.fail_refund(given[0].reference)
        again = partial(refund_again, session_id=session_id)
        for hours in (6, 30):  # its webhook may be late
            acts.after(hours, partial(acts.ask, "refund_again", again))


def chargeback(acts: "Acts", act: Act) -> None:
    """The driver's bank takes a captured payment back, and decides a day later.

    `word`: the reason and the outcome; "unsent" where no webhook says so, and "untold" where the
    provider's list of events has nothing either.
    """
    history = acts.history
    session_id = str(history.asked[act.trip - 1].session_id)
    taken = [
        hold for owner, hold in history.payments.holds() if owner == session_id and hold.captured
    ]
    if not taken or (taken[0].refunded and taken[0].refunded.minor):
        return
    reason, outcome, *untold = act.word.split()
    history.payments.mute = untold == ["untold"]
    history.payments.unsent = untold == ["unsent"]
    dispute = history.payments.open_dispute(taken[0].reference, reason)
    acts.chargebacks[session_id] = act.word
    closed = partial(history.payments.close_dispute, dispute, DisputeState(outcome))
    history.post.send("bank", closed, at=history.clock.at + _CLOSED_AFTER)


def credit(acts: "Acts", act: Act) -> None:
    """The CPO takes its CDR back, and sends another one (or none)."""
    asked = acts.history.asked[act.trip - 1]
    place = acts.history.cpos[asked.place.peer]
    if place.credit(str(asked.session_id), again=act.word == "again"):
        acts.credited[str(asked.session_id)] = act.word == "again"


def save_method(acts: "Acts", act: Act) -> None:
    """A driver saves a card, pays with it, and has it forgotten again."""
    token = token_of(_CARD, CARDS[0])
    ask = partial(
        ask_method,
        partner_id=PARTNERS[_CARD],
        token_id=token,
        kind=MethodKind.CARD,
        key="method",
    )
    acts.ask("ask_method", ask)
    id_ = external_id("mth", PARTNERS[_CARD], "method")
    forget = partial(detach_method, partner_id=PARTNERS[_CARD], method_id=id_)
    acts.after(act.minor, partial(acts.ask, "detach_method", forget))


def _granted(id_: str, person: str, ports: Ports) -> Dispute:
    return grant(ports, id_, None, "it was broken", person)
