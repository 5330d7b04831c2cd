"""What does a partner see of terms? All of them, who signed, and the hash that is signed."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.domain.agreement.agreement import Agreement, Bearer, Form, PaymentMethod, Role
from chalicelib.domain.agreement.signing import Side, Signature
from chalicelib.domain.agreement.terms import ChargebackTerms, DriverRebate, FeeTerms, Tier
from chalicelib.handlers.partner_api.shapes import Answer, Exact, Instant, Maybe, MoneyShape

_AMOUNT = "Exact, in major units of `currency`."


class AgreementState(StrEnum):
    PROPOSED = "proposed"  # one side signed; nothing is sold on it
    COUNTERSIGNED = "countersigned"  # both did


class TierShape(Answer):
    """Rates that hold instead, from this energy in the last counted month on."""

    from_kwh: Exact
    fraction: Exact
    per_kwh: Exact
    per_session: Exact

    @classmethod
    def of(cls, tier: Tier) -> "TierShape":
        return cls(
            from_kwh=tier.from_kwh,
            fraction=tier.fraction,
            per_kwh=tier.per_kwh,
            per_session=tier.per_session,
        )


class FeeTermsShape(Answer):
    """What is added to a fraction, and the bounds of the sum, for each session."""

    currency: Maybe[str] = None
    per_kwh: Annotated[Exact, Field(description=_AMOUNT)]
    per_session: Annotated[Exact, Field(description=_AMOUNT)]
    least: Annotated[Maybe[Exact], Field(description=_AMOUNT)] = None
    most: Annotated[Maybe[Exact], Field(description=_AMOUNT)] = None
    tiers: list[TierShape]

    @classmethod
    def maybe(cls, terms: FeeTerms | None) -> "FeeTermsShape | None":
        if terms is None:
            return None
        return cls(
            currency=terms.currency,
            per_kwh=terms.per_kwh,
            per_session=terms.per_session,
            least=terms.least,
            most=terms.most,
            tiers=[TierShape.of(tier) for tier in terms.tiers],
        )


class RebateShape(Answer):
    """A discount on the driver's price; `paid_by` is due that much less."""

    paid_by: Bearer
    fraction: Annotated[Exact, Field(description="Fraction of the price, VAT included.")]
    terms: Maybe[FeeTermsShape] = None

    @classmethod
    def maybe(cls, rebate: DriverRebate | None) -> "RebateShape | None":
        if rebate is None:
            return None
        return cls(
            paid_by=rebate.paid_by,
            fraction=rebate.fraction,
            terms=FeeTermsShape.maybe(rebate.terms),
        )


class ChargebackTermsShape(Answer):
    """Who bears what a driver's bank took back for good, by what the driver said."""

    fraud: Bearer
    not_delivered: Bearer
    mispriced: Bearer

    @classmethod
    def of(cls, terms: ChargebackTerms) -> "ChargebackTermsShape":
        return cls(fraud=terms.fraud, not_delivered=terms.not_delivered, mispriced=terms.mispriced)


class SignatureShape(Answer):
    side: Side
    person: str
    at: Instant

    @classmethod
    def of(cls, signature: Signature) -> "SignatureShape":
        return cls(side=signature.side, person=signature.person, at=signature.at)


class AgreementShape(Answer):
    """Terms between the partner, the channel and one CPO or all of them."""

    id: str
    state: AgreementState
    version: int
    replaces: Annotated[
        Maybe[str], Field(description="The agreement that ends where this one begins.")
    ] = None
    hash: Annotated[str, Field(description="Of the terms: send it to countersign them.")]
    signatures: list[SignatureShape]
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
    commission_terms: Maybe[FeeTermsShape] = None
    partner_share: Annotated[Exact, Field(description="The partner's fraction of the commission.")]
    share_terms: Maybe[FeeTermsShape] = None
    driver_rebate: Maybe[RebateShape] = None
    fx_margin: Annotated[
        Exact, Field(description="Kept when the partner is paid in another currency.")
    ]
    fee_bearer: Bearer
    chargeback_terms: ChargebackTermsShape
    credit_limit: Maybe[MoneyShape] = None


def shape_of(agreement: Agreement, today: date) -> AgreementShape:
    state = AgreementState.COUNTERSIGNED if agreement.in_order else AgreementState.PROPOSED
    return AgreementShape(
        id=agreement.id,
        state=state,
        version=agreement.version,
        replaces=agreement.replaces,
        hash=agreement.hash,
        signatures=[SignatureShape.of(signature) for signature in agreement.signatures],
        cpo_id=agreement.cpo_id,
        since=agreement.since,
        until=agreement.ends,
        in_force=agreement.in_order and agreement.holds_on(today),
        role=agreement.role,
        form=agreement.form,
        payment_method=agreement.payment_method,
        commission=agreement.commission,
        commission_terms=FeeTermsShape.maybe(agreement.commission_terms),
        partner_share=agreement.partner_share,
        share_terms=FeeTermsShape.maybe(agreement.share_terms),
        driver_rebate=RebateShape.maybe(agreement.driver_rebate),
        fx_margin=agreement.fx_margin,
        fee_bearer=agreement.fee_bearer,
        chargeback_terms=ChargebackTermsShape.of(agreement.chargeback_terms or ChargebackTerms()),
        credit_limit=MoneyShape.maybe(agreement.credit_limit),
    )
