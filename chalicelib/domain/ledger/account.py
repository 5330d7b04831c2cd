"""Which accounts are there? One per purpose, party and jurisdiction; the currency is the money's.

Signs: a debit is positive, a credit negative, so that every entry sums to zero per currency.
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.errors import Invalid


class AccountClass(StrEnum):
    """Where an account stands in a balance sheet or an income statement."""

    ASSETS = "Assets"
    LIABILITIES = "Liabilities"
    EQUITY = "Equity"
    INCOME = "Income"
    EXPENSES = "Expenses"


class Purpose(StrEnum):
    # assets
    CASH = "cash"  # party: the provider ("stripe"); closes at the provider's own balance
    CONNECTED = "connected"  # party: payee; what the rail holds for it between transfer and payout
    DRIVER_RECEIVABLE = "driver_receivable"  # party: partner; cards billed and not yet captured
    INVOICE_RECEIVABLE = "invoice_receivable"  # party: partner; billed on its credit limit
    DISPUTED = "disputed"  # party: partner; what drivers' banks took back, not decided yet
    CLAIM_RECEIVABLE = "claim_receivable"  # party: payee; what it owed for 30 days, invoiced
    # liabilities
    PREPAID = "prepaid"  # party: partner; its balance with us
    CPO_PAYABLE = "cpo_payable"  # party: cpo
    PARTNER_PAYABLE = "partner_payable"  # party: partner
    VAT = "vat"  # jurisdiction: country
    HELD = "held"  # party: cpo; jurisdiction: the reason, e.g. awaiting_cdr
    # equity, income, expense
    FLOAT = "float"  # the channel's own money on the rail
    DRAWN = "drawn"  # what the channel paid out to itself of what it earned
    PLATFORM = "platform"  # commission left after the partner's share
    PSP_FEE = "psp_fee"
    LOSS = "loss"  # jurisdiction: the reason; what the channel bears and nobody pays back
    FX_POSITION = "fx_position"  # what conversions opened, until cash is exchanged on a rail
    FX_MARGIN = "fx_margin"  # agreed, kept of what a payee gets in its currency
    FX_GAIN = "fx_gain"  # exchanged better than the position was opened at
    FX_LOSS = "fx_loss"


_HOW = "as the trial balance prints it: purpose, then party or jurisdiction, e.g. cpo_payable:cpo_a"
_BY_JURISDICTION = frozenset({Purpose.VAT, Purpose.LOSS})  # they have no party
_A, _P = AccountClass, Purpose
CLASS_OF: dict[Purpose, AccountClass] = {
    _P.CASH: _A.ASSETS,
    _P.CONNECTED: _A.ASSETS,
    _P.DRIVER_RECEIVABLE: _A.ASSETS,
    _P.INVOICE_RECEIVABLE: _A.ASSETS,
    _P.DISPUTED: _A.ASSETS,
    _P.CLAIM_RECEIVABLE: _A.ASSETS,
    _P.PREPAID: _A.LIABILITIES,
    _P.CPO_PAYABLE: _A.LIABILITIES,
    _P.PARTNER_PAYABLE: _A.LIABILITIES,
    _P.VAT: _A.LIABILITIES,
    _P.HELD: _A.LIABILITIES,
    _P.FLOAT: _A.EQUITY,
    _P.DRAWN: _A.EQUITY,
    _P.FX_POSITION: _A.EQUITY,
    _P.PLATFORM: _A.INCOME,
    _P.FX_MARGIN: _A.INCOME,
    _P.FX_GAIN: _A.INCOME,
    _P.PSP_FEE: _A.EXPENSES,
    _P.FX_LOSS: _A.EXPENSES,
    _P.LOSS: _A.EXPENSES,
}


@dataclass(frozen=True, slots=True, order=True)
class Account:
    purpose: Purpose
    party: str = ""
    jurisdiction: str = ""

    def __str__(self) -> str:
        return ":".join(
            part for part in (self.purpose.value, self.party, self.jurisdiction) if part
        )

    @classmethod
    def read(cls, text: str) -> "Account":
        """The account that prints as `text`; Invalid when there is no such purpose."""
        purpose, _, rest = text.partition(":")
        try:
            known = Purpose(purpose)
        except ValueError:
            raise Invalid("account", f"{purpose!r} is no purpose", _HOW) from None
        if known in _BY_JURISDICTION:
            return cls(known, jurisdiction=rest)
        party, _, jurisdiction = rest.partition(":")
        return cls(known, party, jurisdiction)
