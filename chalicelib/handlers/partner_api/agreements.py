"""/v1/agreements: on what terms may the partner's drivers charge, and where?"""

from datetime import date
from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import Agreement, Bearer, Form, PaymentMethod, Role
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import AgreementId
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, Exact, Maybe, MoneyShape, Nothing
from chalicelib.usecases.agreement.find import agreement_by_id, agreements_of


class AgreementShape(Answer):
    """Terms between the partner, the channel and one CPO or all of them."""

    id: str
    cpo_id: Annotated[str, Field(description="`*`: every CPO without terms of its own.")]
    since: date
    until: Annotated[Maybe[date], Field(description="The first day on which it holds no more.")] = (
        None
    )
    in_force: bool
    role: Role
    form: Form
    payment_method: PaymentMethod
    commission: Annotated[Exact, Field(description="Fraction of the driver's net price.")]
    partner_share: Annotated[Exact, Field(description="The partner's fraction of the commission.")]
    fee_bearer: Bearer
    credit_limit: Maybe[MoneyShape] = None


class AgreementList(Answer):
    data: list[AgreementShape]


@endpoint("GET", "/v1/agreements", scope=Scope.AGREEMENTS_READ)
def list_agreements(call: Call[Nothing, Nothing]) -> AgreementList:
    """List all agreements, past and future ones too."""
    today = call.ports.clock.now().date()
    found = agreements_of(call.ports, call.partner_id)
    return AgreementList(data=[_shape(agreement, today) for agreement in found])


@endpoint(
    "GET",
    "/v1/agreements/{agreement_id}",
    scope=Scope.AGREEMENTS_READ,
    refusals=(NotFound,),
)
def read_an_agreement(call: Call[Nothing, Nothing], agreement_id: str) -> AgreementShape:
    """Read an agreement."""
    found = agreement_by_id(call.ports, call.partner_id, AgreementId(agreement_id))
    return _shape(found, call.ports.clock.now().date())


def _shape(agreement: Agreement, today: date) -> AgreementShape:
    return AgreementShape(
        id=agreement.id,
        cpo_id=agreement.cpo_id,
        since=agreement.since,
        until=agreement.until,
        in_force=agreement.holds_on(today),
        role=agreement.role,
        form=agreement.form,
        payment_method=agreement.payment_method,
        commission=agreement.commission,
        partner_share=agreement.partner_share,
        fee_bearer=agreement.fee_bearer,
        credit_limit=MoneyShape.maybe(agreement.credit_limit),
    )
