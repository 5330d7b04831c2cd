"""/v1/tokens: with what does a partner's driver identify at a charger?"""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyReused, RequestInFlight
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.token.token import PaymentSourceTaken, Token
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Body,
    Instant,
    Line,
    Maybe,
    Nothing,
    Page,
    PageQuery,
)
from chalicelib.handlers.partner_api.token_shapes import LimitsShape, limits_of, shape_of
from chalicelib.usecases.token.issue import Terms, issue, withdraw
from chalicelib.usecases.token.list import partner_tokens
from chalicelib.usecases.token.read import token_by_id


class TokenRequest(Body):
    """Whose token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"driver_reference": "driver-4711", "payment_source": "pm_card_visa"}]
        }
    )

    driver_reference: Annotated[
        Line, Field(description="Your own id of the driver. Not a name: kept apart, erasable.")
    ]
    payment_source: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9_]{1,100}$",
            description="A card `pm_…` that the driver entered in your app: for one start and "
            "for this driver only. `POST /v1/payment-methods` saves one for many.",
        ),
    ] = None
    vehicle: Annotated[Line | None, Field(description="Your own name of the vehicle.")] = None
    cost_centre: Annotated[Line | None, Field(description="Your own name of who pays.")] = None
    limits: LimitsShape | None = None


class TokenShape(Answer):
    """A driver's token, as chargers and CPOs know it."""

    id: str
    uid: Annotated[str, Field(description="What the charger reads.")]
    contract_id: str
    valid: Annotated[bool, Field(description="False once it is withdrawn.")]
    payment_source: Maybe[str] = None
    vehicle: Maybe[str] = None
    cost_centre: Maybe[str] = None
    limits: Maybe[LimitsShape] = None
    last_updated: Instant


class TokenPage(Page[TokenShape]):
    """Tokens in the order of their ids, withdrawn ones too."""


@endpoint(
    "POST",
    "/v1/tokens",
    scope=Scope.TOKENS_WRITE,
    status=201,
    repeat=Repeat.KEPT,
    location="/v1/tokens/{id}",
    refusals=(Invalid, IdempotencyKeyReused, RequestInFlight, PaymentSourceTaken),
)
def issue_a_token(call: Call[TokenRequest, Nothing]) -> TokenShape:
    """Issue a driver's token.

    A driver has one token: asking again gives the same one, with the payment source and limits of
    the last request, and makes a withdrawn token valid again. A start beyond a limit is refused
    with `limit_reached`, a charge that outgrows one is stopped.
    """
    asked = call.body
    vehicle, cost_centre = asked.vehicle or "", asked.cost_centre or ""
    limits = None if asked.limits is None else limits_of(asked.limits, vehicle, cost_centre)
    terms = Terms(asked.payment_source or "", vehicle, cost_centre, limits)
    return _shape(issue(call.ports, call.partner_id, asked.driver_reference, "", terms))


@endpoint("GET", "/v1/tokens", scope=Scope.TOKENS_READ, refusals=(cursors.CursorInvalid,))
def list_tokens(call: Call[Nothing, PageQuery]) -> TokenPage:
    """List tokens."""
    after = ""
    if call.query.cursor:
        (after,) = cursors.decode("tokens", call.query.cursor, "after")
    tokens, beyond = partner_tokens(call.ports, call.partner_id, after, call.query.limit)
    return TokenPage(
        data=[_shape(token) for token in tokens],
        has_more=bool(beyond),
        next_cursor=cursors.encode("tokens", after=beyond) if beyond else None,
    )


@endpoint("GET", "/v1/tokens/{token_id}", scope=Scope.TOKENS_READ, refusals=(NotFound,))
def read_a_token(call: Call[Nothing, Nothing], token_id: str) -> TokenShape:
    """Read a token."""
    return _shape(token_by_id(call.ports, call.partner_id, token_id))


@endpoint("DELETE", "/v1/tokens/{token_id}", scope=Scope.TOKENS_WRITE, refusals=(NotFound,))
def withdraw_a_token(call: Call[Nothing, Nothing], token_id: str) -> TokenShape:
    """Withdraw a token.

    It stays readable with `valid` false, and starts nothing from now on. A charge that is under
    way goes on: stop its session.
    """
    return _shape(withdraw(call.ports, call.partner_id, token_id))


def _shape(token: Token) -> TokenShape:
    return TokenShape(
        id=token.id,
        uid=token.uid,
        contract_id=token.contract_id,
        valid=token.valid,
        payment_source=token.payment_source or None,
        vehicle=token.vehicle or None,
        cost_centre=token.cost_centre or None,
        limits=None if token.limits is None else shape_of(token.limits),
        last_updated=token.last_updated,
    )
