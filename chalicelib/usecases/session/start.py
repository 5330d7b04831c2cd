"""How does a partner start a session? It is recorded with its effects; the stream does the rest."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.ids import PartyId, SessionId, external_id
from chalicelib.domain.payment.payment import Payment, PaymentState
from chalicelib.domain.session.effects import added, due
from chalicelib.domain.session.lifecycle import SessionEvent, step
from chalicelib.domain.session.quote import START_WITHIN, Quote
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.token.limits import Use
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.partner.credit import reserve
from chalicelib.usecases.partner.invoice import check_credit
from chalicelib.usecases.party.read import check_not_blocked
from chalicelib.usecases.records import create, find, write_rows_first
from chalicelib.usecases.session.read import list_row
from chalicelib.usecases.session.save import again, watch
from chalicelib.usecases.session.watch import FIRST_LOOK
from chalicelib.usecases.token.limit import Wish, allowed
from chalicelib.usecases.token.read import check_valid, token_by_id


class QuoteExpired(Conflict):
    code = "quote_expired"
    field = "quote_id"
    how_to_fix = "ask for a new quote"

    def __init__(self, quote_id: str, expired_at: datetime) -> None:
        super().__init__(f"quote {quote_id} expired at {expired_at:%Y-%m-%dT%H:%M:%SZ}")
        self.quote_id, self.expired_at = quote_id, expired_at


def start(
    ports: Ports,
    partner_id: PartyId,
    quote_id: str,
    token_id: str,
    idempotency_key: str,
    request_hash: str,
    return_url: str = "",
    detail: Mapping[str, Any] | None = None,
    *,
    at_charger: bool = False,
) -> Session:
    """Record the session and what must happen next; the same key and body is the same session.

    The id is the hash of the partner and its key, so the session's own item is the duplicate check.
    One that its driver starts `at_charger` is commanded to nobody, but looked for at the CPO.
    """
    id_ = SessionId(external_id("ses", partner_id, idempotency_key))

    def decide() -> Session:
        existing = find(ports.store, keys.session(id_), Session)
        if existing is not None:
            if existing.value.request_hash != request_hash:
                raise IdempotencyKeyReused
            return existing.value
        new = _made(ports, partner_id, id_, quote_id, token_id, request_hash, detail)
        return _recorded(ports, *new, return_url, at_charger=at_charger)

    return again(decide)


def _made(
    ports: Ports,
    partner_id: PartyId,
    id_: SessionId,
    quote_id: str,
    token_id: str,
    request_hash: str,
    detail: Mapping[str, Any] | None,
) -> tuple[Session, tuple[Write, ...]]:
    """The session and the writes that secure its money. Raises what refuses it."""
    at = ports.clock.now()
    quote = _quote(ports, partner_id, quote_id, at)
    token = token_by_id(ports, partner_id, token_id)
    check_valid(token)
    check_not_blocked(ports, partner_id)
    agreement = agreement_in_force(ports, partner_id, quote.cpo_id, at.date())
    if agreement.id != quote.agreement_id:
        raise QuoteExpired(quote_id, at)  # with the terms that it was made on
    use = Use(at, quote.time_zone, quote.country, quote.cpo_id, quote.place_id)
    hold = allowed(ports, token, Wish(id_, quote.expected, quote.hold, use))
    payment, writes = _payment(ports, agreement, replace(quote, hold=hold), token)
    session = _new(id_, request_hash, quote, token, payment, at)
    limited = {} if token.limits is None else {"limited": True}
    return replace(session, detail={**limited, **(detail or {})}), writes


def _recorded(
    ports: Ports,
    session: Session,
    secured: tuple[Write, ...],
    return_url: str,
    *,
    at_charger: bool,
) -> Session:
    at = session.requested_at
    if session.payment.state is not PaymentState.AUTHORISED:
        session = added(session, EffectKind.HOLD, at, return_url=return_url)
    elif at_charger:
        session = step(session, SessionEvent.START_SENT)
        session = added(session, EffectKind.FIND_SESSION, at, after=FIRST_LOOK)
    else:
        session = added(session, EffectKind.START_CHARGING, at)
    row = Put(list_row(session), {}, expects=None)
    put = create(keys.session(session.id), session, pending=len(due(session, at)))
    write_rows_first(ports.store, row, watch(session.id, at + FIRST_LOOK), put, *secured)
    return session


def _quote(ports: Ports, partner_id: PartyId, quote_id: str, at: datetime) -> Quote:
    record = find(ports.store, keys.quote(quote_id), Quote)
    if record is None or record.value.partner_id != partner_id:
        raise NotFound("quote", quote_id, "quote_id")
    if record.value.expires_at <= at:
        raise QuoteExpired(quote_id, record.value.expires_at)
    return record.value


def _payment(
    ports: Ports, agreement: Agreement, quote: Quote, token: Token
) -> tuple[Payment, tuple[Write, ...]]:
    """A card is asked for a hold; a balance or a credit limit is reserved in the transaction."""
    if agreement.payment_method is PaymentMethod.CARD:
        if not token.payment_source:
            raise Invalid(
                "token_id",
                "this token has no saved payment method",
                "issue a token with `payment_source`",
            )
        source = token.payment_source
        payment = Payment(PaymentMethod.CARD, PaymentState.REQUESTED, quote.hold, source)
        if payment.is_debit:  # nothing can be held: the account is debited when the bill is known
            payment = replace(payment, state=PaymentState.AUTHORISED)
        return payment, ()
    if agreement.payment_method is PaymentMethod.INVOICE:
        check_credit(ports, agreement.partner_id)
    reserved = reserve(ports, agreement, quote.hold)
    return reserved.payment, reserved.writes


def _new(
    id_: SessionId, request_hash: str, quote: Quote, token: Token, payment: Payment, at: datetime
) -> Session:
    secured = payment.state is PaymentState.AUTHORISED
    return Session(
        id=id_,
        request_hash=request_hash,
        partner_id=quote.partner_id,
        agreement_id=quote.agreement_id,
        quote_id=quote.id,
        token_id=token.id,
        token_uid=token.uid,
        cpo_id=quote.cpo_id,
        peer_id=quote.peer_id,
        location_id=quote.location_id,
        place_id=quote.place_id,
        evse_uid=quote.evse_uid,
        connector_id=quote.connector_id,
        country=quote.country,
        time_zone=quote.time_zone,
        settlement_zone=quote.settlement_zone,
        tariff_id=quote.tariff_id,
        tariff_hash=quote.tariff_hash,
        authorization_reference=id_,
        state=SessionState.AUTHORISED if secured else SessionState.REQUESTED,
        payment=payment,
        requested_at=at,
        start_not_after=at + START_WITHIN,
    )
