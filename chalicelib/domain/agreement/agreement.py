"""On what terms does a partner's driver charge at a CPO? Dated, versioned, named by every bill."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Money


class Role(StrEnum):
    """In whose name the electricity is sold (CJEU C-60/23: the contract decides)."""

    COMMISSION_CHAIN = "commission_chain"  # the channel buys and sells in its own name
    DISCLOSED_AGENT = "disclosed_agent"  # the CPO sells; the channel collects for it


class Form(StrEnum):
    """How the commission is taken in a chain."""

    MARGIN = "margin"  # the CPO sells at public price less the commission
    COMMISSION = "commission"  # a service invoiced to the CPO


class Bearer(StrEnum):
    PLATFORM = "platform"
    PARTNER = "partner"
    CPO = "cpo"


class PaymentMethod(StrEnum):
    CARD = "card"  # a hold on the driver's card, captured
    PREPAID = "prepaid"  # the partner's balance, in allotments
    INVOICE = "invoice"  # the partner's credit limit, invoiced


@dataclass(frozen=True, slots=True)
class Agreement:
    """`cpo_id` "*" holds for every CPO without an agreement of its own. Rates are fractions."""

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

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)
