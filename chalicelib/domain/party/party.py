"""Who takes part, under which VAT status, and where is their money sent?"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money


class PartyKind(StrEnum):
    CHANNEL = "channel"
    PARTNER = "partner"
    CPO = "cpo"


class Kyc(StrEnum):
    """Know your customer: only a verified party is paid."""

    PENDING = "pending"
    VERIFIED = "verified"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class VatRegistration:
    """A VAT status of a party, with its dates (until is exclusive).

    `oss` marks a One Stop Shop registration that covers the country's consumers. `reseller` is
    evidence of being a taxable dealer in electricity (Directive 2006/112/EC art. 38; in Germany
    form USt 1 TH for section 13b UStG). `accepted_unconfirmed` names who accepted that the
    country's rate in our table is not confirmed; without it such a rate is refused.
    """

    country: str  # ISO 3166-1 alpha-2
    number: str
    since: date
    until: date | None = None
    oss: bool = False
    reseller: bool = False
    accepted_unconfirmed: str = ""

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Party:
    """A company. `payout_account` is its account at the payout rail (Stripe Connect `acct_…`).

    `payout_minimum`: a smaller sum is carried forward, with the reason `below_minimum`.
    """

    id: PartyId
    kind: PartyKind
    name: str
    country: str
    settlement_currency: Currency
    sort: str = ""  # fleet, app, insurer …: said to people, decides nothing
    time_zone: str = "UTC"  # IANA; a CPO's windows close at its midnight
    vat: tuple[VatRegistration, ...] = field(default=())
    kyc: Kyc = Kyc.PENDING
    payout_account: str = ""
    self_billing_since: date | None = None  # consent to documents made for them
    payout_minimum: Money | None = None  # in the settlement currency

    def vat_in(self, country: str, day: date) -> VatRegistration | None:
        """The registration in a country that held on a day."""
        return next((r for r in self.vat if r.country == country and r.holds_on(day)), None)
