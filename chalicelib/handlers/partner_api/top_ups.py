"""/v1/top-ups, /v1/invoices: how does a partner pay in or get back, and what does it owe?"""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyMissing
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.money import Money, currency
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.payment.fleet_invoice import CreditNote, DunningLevel, FleetInvoice
from chalicelib.domain.payment.top_up import TopUp, TopUpDiffers, TopUpState
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, Body, Maybe, MoneyShape, Nothing
from chalicelib.usecases.partner.collect import MethodNotUsable, ask_top_up, read_top_up
from chalicelib.usecases.partner.give_back import NotOursToGiveBack, give_balance_back
from chalicelib.usecases.partner.invoice import open_invoices

_MINOR = Field(ge=1, le=100_000_000)
_CODE = Field(pattern="^[A-Z]{3}$", description="ISO 4217.")


class TopUpRequest(Body):
    """How much, from which payment method of yours."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"minor": 50000, "currency": "EUR", "method_id": "mth_4711"}]
        }
    )

    minor: Annotated[int, _MINOR]
    currency: Annotated[str, _CODE]
    method_id: Annotated[
        str, Field(max_length=100, description="One that you saved without a token.")
    ]
    return_url: Annotated[str | None, Field(max_length=2000, pattern="^https://")] = None


class GiveBackRequest(Body):
    """How much of a top-up goes back to its source."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minor": 10000, "currency": "EUR"}]})

    minor: Annotated[int, _MINOR]
    currency: Annotated[str, _CODE]


class TopUpShape(Answer):
    """A top-up that the channel collects."""

    id: str
    money: MoneyShape
    state: Annotated[
        TopUpState, Field(description="`pending`: a direct debit is on its way, for days.")
    ]
    refundable: Annotated[MoneyShape, Field(description="What may still go back to its source.")]
    reason: Maybe[str] = None
    action_url: Annotated[Maybe[str], Field(description="Your bank's extra step.")] = None


class CreditNoteShape(Answer):
    """What is not owed any more of a session that was invoiced."""

    id: str
    money: MoneyShape
    issued_on: date
    session_id: str
    dispute_id: str

    @classmethod
    def of(cls, note: CreditNote) -> "CreditNoteShape":
        return cls(
            id=note.id,
            money=MoneyShape.of(note.money),
            issued_on=note.issued_on,
            session_id=note.session_id,
            dispute_id=note.dispute_id,
        )


class InvoiceShape(Answer):
    """An invoice that is not paid in full."""

    id: str
    money: MoneyShape
    owed: Annotated[MoneyShape, Field(description="Less its credit notes and what was paid.")]
    credit_notes: list[CreditNoteShape]
    issued_on: date
    due_on: date
    level: Annotated[
        DunningLevel, Field(description="From `final` on no session starts on credit.")
    ]


class InvoiceList(Answer):
    """Open invoices, oldest first."""

    data: list[InvoiceShape]
    credit_notes: Annotated[
        list[CreditNoteShape], Field(description="They are set off against the next invoice.")
    ]


@endpoint(
    "POST",
    "/v1/top-ups",
    scope=Scope.BALANCE_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/top-ups/{id}",
    refusals=(IdempotencyKeyMissing, Invalid, MethodNotUsable, TopUpDiffers),
)
def ask_for_a_top_up(call: Call[TopUpRequest, Nothing]) -> TopUpShape:
    """Top the prepaid balance up from a card or account that you saved for yourself.

    The balance grows when the money is there: at once by card, after days by direct debit. Events
    tell of it.
    """
    asked = call.body
    return _shape(
        ask_top_up(
            call.ports,
            call.partner_id,
            Money(asked.minor, currency(asked.currency)),
            asked.method_id,
            call.idempotency_key,
            asked.return_url or "",
        )
    )


@endpoint("GET", "/v1/top-ups/{top_up_id}", scope=Scope.BALANCE_READ, refusals=(NotFound,))
def read_a_top_up(call: Call[Nothing, Nothing], top_up_id: str) -> TopUpShape:
    """Read a top-up."""
    return _shape(read_top_up(call.ports, call.partner_id, top_up_id))


@endpoint(
    "POST",
    "/v1/top-ups/{top_up_id}/refunds",
    scope=Scope.BALANCE_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    refusals=(
        IdempotencyKeyMissing,
        NotFound,
        Invalid,
        NotOursToGiveBack,
        FundsTooLow,
        TopUpDiffers,
    ),
)
def give_unused_balance_back(call: Call[GiveBackRequest, Nothing], top_up_id: str) -> TopUpShape:
    """Have unused balance back, to the source that it came from."""
    money = Money(call.body.minor, currency(call.body.currency))
    key = call.idempotency_key
    return _shape(give_balance_back(call.ports, call.partner_id, top_up_id, money, key))


@endpoint("GET", "/v1/invoices", scope=Scope.BALANCE_READ)
def list_open_invoices(call: Call[Nothing, Nothing]) -> InvoiceList:
    """List the invoices that are not paid in full."""
    day, known = open_invoices(call.ports, call.partner_id)
    return InvoiceList(
        data=[_invoice(invoice, day) for invoice in known.invoices],
        credit_notes=[CreditNoteShape.of(note) for note in known.notes],
    )


def _shape(top_up: TopUp) -> TopUpShape:
    return TopUpShape(
        id=top_up.id,
        money=MoneyShape.of(top_up.money),
        state=top_up.state,
        refundable=MoneyShape.of(
            top_up.left if top_up.state is TopUpState.PAID else top_up.nothing
        ),
        reason=top_up.reason or None,
        action_url=top_up.action_url or None,
    )


def _invoice(invoice: FleetInvoice, day: date) -> InvoiceShape:
    return InvoiceShape(
        id=invoice.id,
        money=MoneyShape.of(invoice.money),
        owed=MoneyShape.of(invoice.owed),
        credit_notes=[CreditNoteShape.of(note) for note in invoice.notes],
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        level=invoice.level_on(day),
    )
