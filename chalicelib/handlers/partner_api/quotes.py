"""/v1/quotes: what will a charge cost?"""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyReused, RequestInFlight
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.tariff.prepare import TariffNotSupported
from chalicelib.domain.tariff.quote import PowerStep
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.quote_shapes import QuoteShape, shape_of
from chalicelib.handlers.partner_api.shapes import Body, Instant, Nothing, Number, OcpiId, OurId
from chalicelib.usecases.agreement.find import NoAgreement
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.quote.offer import offer_of
from chalicelib.usecases.quote.read import read_quote
from chalicelib.usecases.tariff.read import TariffUnknown

_STEPS_MAX = 50  # a quote's record stays within one write unit


class PowerStepRequest(Body):
    """The power that the car takes for a while; 0: connected and not charging."""

    power_kw: Annotated[Number, Field(ge=0, le=5000)]
    duration_s: Annotated[int, Field(gt=0, le=172_800)]


class QuoteRequest(Body):
    """Where and when, and how much the driver plans to take."""

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
    duration_s: Annotated[
        Annotated[int, Field(gt=0, le=172_800)] | None,
        Field(description="Planned time connected. Without `power_kw` it is needed."),
    ] = None
    arrival_at: Annotated[
        Instant | None,
        Field(description="When the driver plugs in, at most 7 days ahead. Left out: now."),
    ] = None
    power_kw: Annotated[
        list[PowerStepRequest] | None,
        Field(
            min_length=1,
            max_length=_STEPS_MAX,
            description="The power over time, step after step, until the planned energy is"
            " reached. Left out: even power over `duration_s`.",
        ),
    ] = None


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
    the session ends. It holds for 30 minutes, costs nothing and need not be used. Its `prices` are
    what the driver must be shown; its `hold` suffices for the stated `worst_case`.
    """
    plan = call.body
    steps = [PowerStep(step.power_kw, step.duration_s) for step in plan.power_kw or ()]
    quote = make_quote(
        call.ports,
        call.partner_id,
        plan.location_id,
        plan.evse_uid,
        plan.connector_id,
        plan.energy_kwh,
        plan.duration_s,
        arrival_at=plan.arrival_at,
        power=steps,
    )
    return shape_of(quote, offer_of(call.ports, quote))


@endpoint("GET", "/v1/quotes/{quote_id}", scope=Scope.QUOTES_WRITE, refusals=(NotFound,))
def read_a_quote(call: Call[Nothing, Nothing], quote_id: str) -> QuoteShape:
    """Read a quote, expired ones too."""
    quote = read_quote(call.ports, call.partner_id, quote_id)
    return shape_of(quote, offer_of(call.ports, quote))
