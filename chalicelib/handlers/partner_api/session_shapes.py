"""What does a partner see of a session? State, payment and price; not the terms of others."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.payment.payment import Payment, PaymentState
from chalicelib.domain.session.session import Bill, Session, SessionState
from chalicelib.handlers.partner_api.shapes import Answer, Exact, Instant, Maybe, MoneyShape


class PaymentShape(Answer):
    """How the driver's money stands."""

    method: PaymentMethod
    state: PaymentState
    hold: Annotated[MoneyShape, Field(description="What is secured.")]
    captured: Maybe[MoneyShape] = None
    refunded: Maybe[MoneyShape] = None
    reason: Annotated[Maybe[str], Field(description="Why it was declined or failed.")] = None
    action_url: Annotated[
        Maybe[str],
        Field(description="`action_required`: where the driver takes the bank's extra step."),
    ] = None


class PriceShape(Answer):
    """What the driver pays and what of it is the partner's."""

    gross: Annotated[MoneyShape, Field(description="VAT included, less the rebate.")]
    rebate: Annotated[
        Maybe[MoneyShape], Field(description="What the driver pays less than the tariff's price.")
    ] = None
    energy_kwh: Exact
    partner_due: Annotated[MoneyShape, Field(description="The partner's share, paid out.")]
    claimed_by_cpo: Annotated[
        Maybe[MoneyShape],
        Field(description="Set when the CPO asked for more than its published tariff."),
    ] = None


class SessionShape(Answer):
    """One charge, from the request to the bill."""

    id: str
    state: SessionState
    reason: Annotated[
        Maybe[str], Field(description="Why it was refused, abandoned, stopped or is held.")
    ] = None
    quote_id: str
    token_id: str
    location_id: str
    evse_uid: str
    connector_id: str
    country: str
    requested_at: Instant
    started_at: Maybe[Instant] = None
    ended_at: Maybe[Instant] = None
    energy_kwh: Annotated[Exact, Field(description="As the charger last told.")]
    running_cost: Annotated[
        Maybe[MoneyShape], Field(description="While charging: the price so far, VAT included.")
    ] = None
    payment: PaymentShape
    price: Annotated[Maybe[PriceShape], Field(description="Once the session is billed.")] = None
    settlement_window: Annotated[
        Maybe[str], Field(description="The window in which it is settled: date and time zone.")
    ] = None
    evidence_sealed: Annotated[
        bool, Field(description="Whether /v1/sessions/{id}/evidence has the pack.")
    ]
    events_told: Annotated[
        int, Field(description="Sequence number of the last event of this session.")
    ]


def shape_of(session: Session) -> SessionShape:
    return SessionShape(
        id=session.id,
        state=session.state,
        reason=session.reason or None,
        quote_id=session.quote_id,
        token_id=session.token_id,
        location_id=session.place_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
        country=session.country,
        requested_at=session.requested_at,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_kwh=session.energy_kwh,
        running_cost=MoneyShape.maybe(session.running_cost),
        payment=_payment(session.payment),
        price=None if session.bill is None else _price(session.bill),
        settlement_window=session.window,
        evidence_sealed=bool(session.evidence),
        events_told=session.told,
    )


def _payment(payment: Payment) -> PaymentShape:
    return PaymentShape(
        method=payment.method,
        state=payment.state,
        hold=MoneyShape.of(payment.hold),
        captured=MoneyShape.maybe(payment.captured),
        refunded=MoneyShape.maybe(payment.refunded),
        reason=payment.reason or None,
        action_url=payment.action_url or None,
    )


def _price(bill: Bill) -> PriceShape:
    return PriceShape(
        gross=MoneyShape.of(bill.gross),
        rebate=MoneyShape.maybe(bill.rebate),
        energy_kwh=bill.energy_kwh,
        partner_due=MoneyShape.of(bill.partner_due),
        claimed_by_cpo=None if bill.claim is None else MoneyShape.of(bill.claim.claimed),
    )
