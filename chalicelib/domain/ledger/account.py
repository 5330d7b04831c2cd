"""Which accounts are there? One per purpose, party and jurisdiction; the currency is the money's.

Signs: a debit is positive, a credit negative, so that every entry sums to zero per currency.
"""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    # assets
    CASH = "cash"  # party: the provider ("stripe"); closes at the provider's own balance
    CONNECTED = "connected"  # party: payee; what the rail holds for it between transfer and payout
    DRIVER_RECEIVABLE = "driver_receivable"  # party: partner; cards billed and not yet captured
    INVOICE_RECEIVABLE = "invoice_receivable"  # party: partner; billed on its credit limit
    # liabilities
    PREPAID = "prepaid"  # party: partner; its balance with us
    CPO_PAYABLE = "cpo_payable"  # party: cpo
    PARTNER_PAYABLE = "partner_payable"  # party: partner
    VAT = "vat"  # jurisdiction: country
    HELD = "held"  # party: cpo; jurisdiction: the reason, e.g. awaiting_cdr
    # equity, income, expense
    FLOAT = "float"  # the channel's own money on the rail
    PLATFORM = "platform"  # commission left after the partner's share
    PSP_FEE = "psp_fee"
    FX_POSITION = "fx_position"


@dataclass(frozen=True, slots=True, order=True)
class Account:
    purpose: Purpose
    party: str = ""
    jurisdiction: str = ""

    def __str__(self) -> str:
        return ":".join(
            part for part in (self.purpose.value, self.party, self.jurisdiction) if part
        )
