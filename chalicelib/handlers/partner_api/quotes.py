"""/v1/quotes: what will a charge cost?"""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyReused, RequestInFlight
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.prepare import TariffNotSupported
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Body,
    Exact,
    Instant,
    MoneyShape,
    Nothing,
    Number,
    OcpiId,
    OurId,
)
from chalicelib.usecases.agreement.find import NoAgreement
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.quote.read import read_quote
from chalicelib.usecases.tariff.read import TariffUnknown


class QuoteRequest(Body):
    """Where, and how much the driver plans to take."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "location_id": "loc_5b0f6a1e9d7c4f3a8b2e1d0c9f8a7b6c",
                    "evse_uid": "BER-1-EVSE-1",
                    "connector_id": "1",
                    "energy_kwh": "30",
                    "duration_s": 3600,
                }
            ]
        }
    )

    location_id: OurId
    evse_uid: OcpiId
    connector_id: OcpiId
    energy_kwh: Annotated[Number, Field(gt=0, le=1000, description="Planned energy.")]
    duration_s: Annotated[int, Field(gt=0, le=172_800, description="Planned time connected.")]


class QuoteShape(Answer):
    """A promise: a session started from this quote is billed by this tariff version."""

    id: str
    location_id: str
    evse_uid: str
    connector_id: str
    country: str
    time_zone: str
    tariff_id: str
    tariff_version: Annotated[str, Field(description="SHA-256 of the tariff's content.")]
    energy_kwh: Exact
    duration_s: int
    expected: Annotated[MoneyShape, Field(description="What the plan costs, VAT included.")]
    hold: Annotated[MoneyShape, Field(description="What is secured before the start.")]
    made_at: Instant
    expires_at: Annotated[Instant, Field(description="Start the session before this instant.")]


@endpoint(
    "POST",
    "/v1/quotes",
    scope=Scope.QUOTES_WRITE,
    status=201,
    repeat=Repeat.KEPT,
    location="/v1/quotes/{id}",
    refusals=(
        NotFound,
        Invalid,
        NoAgreement,
        TariffUnknown,
        TariffNotSupported,
        IdempotencyKeyReused,
        RequestInFlight,
    ),
)
def make_a_quote(call: Call[QuoteRequest, Nothing]) -> QuoteShape:
    """Price a planned charge.

    The quote pins the version of the tariff that will be billed, whatever the CPO publishes until
    the session ends. It holds for 30 minutes, costs nothing and need not be used.
    """
    plan = call.body
    quote = make_quote(
        call.ports,
        call.partner_id,
        plan.location_id,
        plan.evse_uid,
        plan.connector_id,
        plan.energy_kwh,
        plan.duration_s,
    )
    return _shape(quote)


@endpoint("GET", "/v1/quotes/{quote_id}", scope=Scope.QUOTES_WRITE, refusals=(NotFound,))
def read_a_quote(call: Call[Nothing, Nothing], quote_id: str) -> QuoteShape:
    """Read a quote, expired ones too."""
    return _shape(read_quote(call.ports, call.partner_id, quote_id))


def _shape(quote: Quote) -> QuoteShape:
    return QuoteShape(
        id=quote.id,
        location_id=quote.place_id,
        evse_uid=quote.evse_uid,
        connector_id=quote.connector_id,
        country=quote.country,
        time_zone=quote.time_zone,
        tariff_id=quote.tariff_id,
        tariff_version=quote.tariff_hash,
        energy_kwh=quote.energy_kwh,
        duration_s=quote.duration_s,
        expected=MoneyShape.of(quote.expected),
        hold=MoneyShape.of(quote.hold),
        made_at=quote.made_at,
        expires_at=quote.expires_at,
    )
