"""On what terms does a partner's driver charge at a CPO? Dated, versioned, named by every bill."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.agreement.signing import Signature
from chalicelib.domain.agreement.terms import (
    NOTHING,
    Bearer,
    ChargebackTerms,
    DriverRebate,
    FeeTerms,
)
from chalicelib.domain.canonical import content_hash
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Money

__all__ = ["Agreement", "Bearer", "Form", "PaymentMethod", "Role"]


class Role(StrEnum):
    """In whose name the electricity is sold (CJEU C-60/23: the contract decides)."""

    COMMISSION_CHAIN = "commission_chain"  # the channel buys and sells in its own name
    DISCLOSED_AGENT = "disclosed_agent"  # the CPO sells; the channel collects for it


class Form(StrEnum):
    """How the commission is taken in a chain."""

    MARGIN = "margin"  # the CPO sells at public price less the commission
    COMMISSION = "commission"  # a service invoiced to the CPO


class PaymentMethod(StrEnum):
    CARD = "card"  # a hold on the driver's card, captured
    PREPAID = "prepaid"  # the partner's balance, in allotments
    INVOICE = "invoice"  # the partner's credit limit, invoiced


@dataclass(frozen=True, slots=True)
class Agreement:
    """`cpo_id` "*" holds for every CPO without an agreement of its own. Rates are fractions.

    What both sides sign is `hash`: all of it but the signatures and what a successor ended.
    """

    id: AgreementId
    partner_id: PartyId
    cpo_id: PartyId
    commission: Decimal  # of the driver's net, e.g. 0.08
    partner_share: Decimal  # of the commission, e.g. 0.5
    payment_method: PaymentMethod
    since: date
    role: Role = Role.COMMISSION_CHAIN
    form: Form = Form.MARGIN
    fee_bearer: Bearer = Bearer.PLATFORM
    until: date | None = None
    credit_limit: Money | None = None  # INVOICE: the most that may be owed at any time
    commission_terms: FeeTerms | None = None
    share_terms: FeeTerms | None = None
    driver_rebate: DriverRebate | None = None
    chargeback_terms: ChargebackTerms | None = None  # None: the defaults of `terms.py`
    fx_margin: Decimal = NOTHING  # of what a payee gets in its currency; none unless agreed
    version: int = 1  # of the terms between these two
    replaces: AgreementId | None = None  # ends where this one begins
    ended: date | None = None  # by a successor
    signatures: tuple[Signature, ...] = ()

    @property
    def ends(self) -> date | None:
        """The first day on which it holds no more."""
        known = [day for day in (self.until, self.ended) if day is not None]
        return min(known, default=None)

    def holds_on(self, day: date) -> bool:
        ends = self.ends
        return self.since <= day and (ends is None or day < ends)

    @property
    def hash(self) -> str:
        """What is signed. What stands at its default is left out: old terms keep their hash."""
        plain = {
            field.name: to_plain(getattr(self, field.name))
            for field in fields(self)
            if field.name not in _UNSIGNED and getattr(self, field.name) != field.default
        }
        return content_hash(plain)

    @property
    def in_order(self) -> bool:
        """Both sides signed exactly these terms."""
        sides = {signature.side for signature in self.signatures if signature.hash == self.hash}
        return len(sides) == _BOTH

    @property
    def tiered(self) -> bool:
        return any(terms and terms.tiers for terms in (self.commission_terms, self.share_terms))


_UNSIGNED = frozenset({"ended", "signatures"})
_BOTH = 2
