"""/v1/agreements: on what terms may the partner's drivers charge, and where?"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.idempotency import IdempotencyKeyReused, RequestInFlight
from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.signing import OtherTerms, SameSide, Side
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import AgreementId
from chalicelib.handlers.partner_api.agreement_shapes import AgreementShape, shape_of
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, Body, Line, Nothing
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.make import AgreementDiffers, AgreementOverlaps
from chalicelib.usecases.agreement.propose import agreement_or_proposal, countersign, proposals_of


class CountersignRequest(Body):
    """Exactly what is signed, and by whom."""

    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="The `hash` that you read.")]
    signed_by: Annotated[Line, Field(description="The person who signs for the partner.")]


class AgreementList(Answer):
    data: list[AgreementShape]


@endpoint("GET", "/v1/agreements", scope=Scope.AGREEMENTS_READ)
def list_agreements(call: Call[Nothing, Nothing]) -> AgreementList:
    """List all agreements, past and future ones and open proposals too."""
    today = call.ports.clock.now().date()
    found = [
        *agreements_of(call.ports, call.partner_id),
        *proposals_of(call.ports, call.partner_id),
    ]
    return AgreementList(data=[shape_of(agreement, today) for agreement in found])


@endpoint(
    "GET",
    "/v1/agreements/{agreement_id}",
    scope=Scope.AGREEMENTS_READ,
    refusals=(NotFound,),
)
def read_an_agreement(call: Call[Nothing, Nothing], agreement_id: str) -> AgreementShape:
    """Read an agreement or a proposal."""
    found = agreement_or_proposal(call.ports, call.partner_id, AgreementId(agreement_id))
    return shape_of(found, call.ports.clock.now().date())


@endpoint(
    "POST",
    "/v1/agreements/{agreement_id}/countersign",
    scope=Scope.AGREEMENTS_WRITE,
    repeat=Repeat.KEPT,
    refusals=(
        NotFound,
        Invalid,
        OtherTerms,
        SameSide,
        AgreementOverlaps,
        AgreementDiffers,
        IdempotencyKeyReused,
        RequestInFlight,
    ),
)
def countersign_an_agreement(
    call: Call[CountersignRequest, Nothing], agreement_id: str
) -> AgreementShape:
    """Countersign proposed terms.

    They come into force by it, from their first day on. What is signed is the content that the hash
    names; another hash than the proposal's is refused. Signing twice is signing once.
    """
    made = countersign(
        call.ports,
        call.partner_id,
        AgreementId(agreement_id),
        call.body.hash,
        Side.PARTNER,
        call.body.signed_by,
    )
    return shape_of(made, call.ports.clock.now().date())
