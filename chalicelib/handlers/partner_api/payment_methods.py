"""/v1/payment-methods: how does a driver's card or account become what a token pays with?"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyMissing
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import NotFound
from chalicelib.domain.payment.saved_method import (
    IllegalMethodTransition,
    MethodKind,
    MethodState,
    SavedMethod,
)
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, Body, Maybe, Nothing
from chalicelib.usecases.payment.save_method import ask_method, detach_method, read_method


class MethodRequest(Body):
    """What is to be saved, and for whose token."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token_id": "tok_4711", "kind": "card"}]}
    )

    token_id: Annotated[str, Field(max_length=100)]
    kind: Annotated[
        Literal["card", "sepa_debit"],
        Field(description="A card, or an account by direct debit."),
    ]


class MethodShape(Answer):
    """A means of payment that is being saved, or is."""

    id: str
    token_id: str
    kind: MethodKind
    state: Annotated[
        MethodState, Field(description="`offered`: the driver fills in the provider's form.")
    ]
    reason: Annotated[Maybe[str], Field(description="Why it could not be saved.")] = None


@endpoint(
    "POST",
    "/v1/payment-methods",
    scope=Scope.TOKENS_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/payment-methods/{id}",
    refusals=(IdempotencyKeyMissing, NotFound),
)
def save_a_payment_method(call: Call[MethodRequest, Nothing]) -> MethodShape:
    """Begin to save a driver's means of payment.

    The event `method.action_required` brings the secret with which your app opens the payment
    provider's form. What the driver saves there is what the token pays with from then on.
    """
    asked = call.body
    return _shape(
        ask_method(
            call.ports,
            call.partner_id,
            asked.token_id,
            MethodKind(asked.kind),
            call.idempotency_key,
        )
    )


@endpoint("GET", "/v1/payment-methods/{method_id}", scope=Scope.TOKENS_READ, refusals=(NotFound,))
def read_a_payment_method(call: Call[Nothing, Nothing], method_id: str) -> MethodShape:
    """Read how far the saving of a means of payment is."""
    return _shape(read_method(call.ports, call.partner_id, method_id))


@endpoint(
    "DELETE",
    "/v1/payment-methods/{method_id}",
    scope=Scope.TOKENS_WRITE,
    refusals=(NotFound, IllegalMethodTransition),
)
def detach_a_payment_method(call: Call[Nothing, Nothing], method_id: str) -> MethodShape:
    """Forget a saved means of payment.

    Its token starts nothing more with it; a charge that is under way is still paid.
    """
    return _shape(detach_method(call.ports, call.partner_id, method_id))


def _shape(method: SavedMethod) -> MethodShape:
    return MethodShape(
        id=method.id,
        token_id=method.token_id,
        kind=method.kind,
        state=method.state,
        reason=method.reason or None,
    )
