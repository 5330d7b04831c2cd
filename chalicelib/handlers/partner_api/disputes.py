"""What does a driver want back, and what came of it? Disputes of sessions, as one chain."""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from chalicelib.domain.access.key import Scope
from chalicelib.domain.dispute.dispute import Cause, Dispute, DisputeState, Reason
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Body,
    Instant,
    Line,
    Maybe,
    MoneyShape,
    Nothing,
)
from chalicelib.usecases.dispute.open import DisputeOpen, NothingToDispute, open_for_driver
from chalicelib.usecases.dispute.read import Link, chain, of_session, read


class DisputeRequest(Body):
    """What the driver wants back, and why."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "not_delivered", "amount": 500}]},
    )

    reason: Annotated[Reason, Field(strict=False)]
    amount: Annotated[
        int | None,
        Field(gt=0, description="Minor units of the bill's currency; without it all of the bill."),
    ] = None
    text: Annotated[
        Line | None, Field(description="What happened, for our staff. Name no person.")
    ] = None


class DecisionShape(Answer):
    """What was decided. `granted` is left out of a dispute that was denied."""

    decided_at: Instant
    granted: Maybe[MoneyShape] = None
    reason: str


class LinkShape(Answer):
    """A journal entry that follows from the dispute, and the partner's payout that settled it."""

    entry: Annotated[str, Field(description="As statements and evidence name it.")]
    event: str
    booked_at: Instant
    window: Annotated[str, Field(description="In which it was booked.")]
    driver: Annotated[MoneyShape, Field(description="What it changes for the driver.")]
    partner_due: Annotated[MoneyShape, Field(description="What it changes of the share.")]
    statements: Annotated[
        list[str], Field(description="The partner's statements that have it, once it is settled.")
    ]


class DisputeShape(Answer):
    """One dispute: session, what is asked, decision, entries and statements, as one chain."""

    id: str
    session_id: str
    cause: Cause
    reason: Reason
    state: DisputeState
    asked: MoneyShape
    opened_at: Instant
    decision: Maybe[DecisionShape] = None
    entries: list[LinkShape]
    evidence_sealed: Annotated[
        bool, Field(description="Whether /v1/sessions/{id}/evidence has its page.")
    ]


class DisputeList(Answer):
    data: list[DisputeShape]


@endpoint(
    "POST",
    "/v1/sessions/{session_id}/disputes",
    scope=Scope.DISPUTES_WRITE,
    status=201,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/disputes/{id}",
    refusals=(
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        NotFound,
        Invalid,
        NothingToDispute,
        DisputeOpen,
    ),
)
def dispute_a_session(call: Call[DisputeRequest, Nothing], session_id: str) -> DisputeShape:
    """Dispute a session.

    For a driver who wants money back of a session that is billed. Our staff decide; events tell of
    the decision and of the refund. One dispute of a session is open at a time.
    """
    asked = call.body
    dispute = open_for_driver(
        call.ports,
        call.partner_id,
        session_id,
        asked.reason,
        asked.amount,
        asked.text or "",
        call.idempotency_key,
        call.request_hash,
    )
    return _shape(dispute, chain(call.ports, dispute))


@endpoint(
    "GET",
    "/v1/sessions/{session_id}/disputes",
    scope=Scope.DISPUTES_READ,
    refusals=(NotFound,),
)
def list_a_sessions_disputes(call: Call[Nothing, Nothing], session_id: str) -> DisputeList:
    """List the disputes of a session.

    Oldest first: those that you opened, credits of its CPO, and chargebacks of the driver's bank.
    """
    found = of_session(call.ports, call.partner_id, session_id)
    return DisputeList(data=[_shape(dispute, chain(call.ports, dispute)) for dispute in found])


@endpoint("GET", "/v1/disputes/{dispute_id}", scope=Scope.DISPUTES_READ, refusals=(NotFound,))
def read_a_dispute(call: Call[Nothing, Nothing], dispute_id: str) -> DisputeShape:
    """Read a dispute with all that followed from it."""
    dispute = read(call.ports, call.partner_id, dispute_id)
    return _shape(dispute, chain(call.ports, dispute))


def _shape(dispute: Dispute, links: list[Link]) -> DisputeShape:
    return DisputeShape(
        id=dispute.id,
        session_id=dispute.session_id,
        cause=dispute.cause,
        reason=dispute.reason,
        state=dispute.state,
        asked=MoneyShape.of(dispute.money),
        opened_at=dispute.opened_at,
        decision=_decision(dispute),
        entries=[_link(dispute, link) for link in links],
        evidence_sealed=bool(dispute.evidence),
    )


def _decision(dispute: Dispute) -> DecisionShape | None:
    made = dispute.decision
    if made is None:
        return None
    granted = MoneyShape.maybe(made.money)
    return DecisionShape(decided_at=made.at, granted=granted, reason=made.reason)


def _link(dispute: Dispute, link: Link) -> LinkShape:
    own = [payout for payout in link.payouts if payout["payee"] == dispute.partner_id]
    return LinkShape(
        entry=link.entry.id,
        event=link.entry.event.value,
        booked_at=link.entry.at,
        window=link.booked.window,
        driver=MoneyShape.of(link.driver),
        partner_due=MoneyShape.of(link.partner),
        statements=[payout["id"] for payout in own],
    )
