"""/v1/payment-methods: how does a card or account become what a token, or a partner, pays with?"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
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
from chalicelib.usecases.payment.save_method import (
    ask_method,
    detach_method,
    form_secret,
    read_method,
)


class MethodRequest(Body):
    """What is to be saved, and for whom."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token_id": "tok_4711", "kind": "card"}]}
    )

    token_id: Annotated[
        str | None,
        Field(max_length=100, description="The driver's. Without it: your own, for top-ups."),
    ] = None
    kind: Annotated[
        Literal["card", "sepa_debit"],
        Field(description="A card, or an account by direct debit."),
    ]


class MethodShape(Answer):
    """A means of payment that is being saved, or is."""

    id: str
    token_id: Annotated[Maybe[str], Field(description="None: it is your own.")] = None
    kind: MethodKind
    state: Annotated[
        MethodState, Field(description="`offered`: the driver fills in the provider's form.")
    ]
    reason: Annotated[Maybe[str], Field(description="Why it could not be saved.")] = None
    form_secret: Annotated[
        Maybe[str],
        Field(
            description="Opens the provider's form in your app, while it is `offered`; only for "
            "keys with `tokens:write`. Pass it on to who pays, and keep it nowhere."
        ),
    ] = None


@endpoint(
    "POST",
    "/v1/payment-methods",
    scope=Scope.TOKENS_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/payment-methods/{id}",
    refusals=(IdempotencyKeyMissing, IdempotencyKeyReused, NotFound),
)
def save_a_payment_method(call: Call[MethodRequest, Nothing]) -> MethodShape:
    """Begin to save a means of payment, a driver's or your own.

    The event `method.action_required` says that the payment provider's form waits: read the method
    for the secret with which your app opens it. What a driver saves there is what the token pays
    with from then on; your own pays for your top-ups.
    """
    asked = call.body
    return _shape(
        ask_method(
            call.ports,
            call.partner_id,
            asked.token_id or "",
            MethodKind(asked.kind),
            call.idempotency_key,
        )
    )


@endpoint("GET", "/v1/payment-methods/{method_id}", scope=Scope.TOKENS_READ, refusals=(NotFound,))
def read_a_payment_method(call: Call[Nothing, Nothing], method_id: str) -> MethodShape:
    """Read how far the saving of a means of payment is."""
    method = read_method(call.ports, call.partner_id, method_id)
    secret = form_secret(call.ports, method) if Scope.TOKENS_WRITE in call.caller.scopes else ""
    return _shape(method, secret)


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


def _shape(method: SavedMethod, secret: str = "") -> MethodShape:
    return MethodShape(
        id=method.id,
        token_id=method.token_id or None,
        kind=method.kind,
        state=method.state,
        reason=method.reason or None,
        form_secret=secret or None,
    )
