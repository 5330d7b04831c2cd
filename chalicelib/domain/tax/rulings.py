"""How is each leg of a sale taxed? The driver's, the CPO's supply, and services.

Place and debtor follow Directive 2006/112/EC: electricity to a taxable dealer is taxed where the
dealer is (art. 38), to others where it is consumed (art. 39); services where the buyer is (art.
44). The buyer owes the VAT when the seller is not established there (art. 195, 196) or where a
country says so between resellers (art. 199a(1)(f)). What is not known is refused, not guessed.
"""

from datetime import date
from decimal import Decimal

from chalicelib.domain.errors import Rejected
from chalicelib.domain.party.party import Party, VatRegistration
from chalicelib.domain.tax.law import TaxLaw
from chalicelib.domain.tax.leg import Ruling, Treatment
from chalicelib.domain.tax.table import RateRow, Supply

_NO_VAT = Decimal(0)


class NotRegistered(Rejected):
    """The seller must owe VAT in a country where it has no VAT registration on that day."""

    code = "vat_not_registered"

    def __init__(self, party: Party, country: str, day: date, why: str = "") -> None:
        super().__init__(
            f"{party.name} has no VAT registration for {country} on {day}" + (why and f": {why}")
        )
        self.party_id, self.country, self.day = party.id, country, day


class BusinessUnproven(Rejected):
    """Services to a buyer abroad are taxed there only if it is shown to be a business."""

    code = "vat_status_unproven"

    def __init__(self, party: Party, day: date) -> None:
        super().__init__(f"{party.name} has no VAT number in {party.country} on {day}")
        self.party_id, self.day = party.id, day


def drivers_leg(seller: Party, country: str, day: date, law: TaxLaw) -> Ruling:
    """Charging sold to whoever consumes it: taxed where it is consumed (art. 39)."""
    registration = seller.vat_in(country, day)
    if registration is None:
        raise NotRegistered(seller, country, day)
    if registration.oss and day < law.oss_electricity_since:
        since = law.oss_electricity_since
        raise NotRegistered(seller, country, day, f"the One Stop Shop takes charging from {since}")
    row = law.rates.on(country, Supply.CHARGING, day, registration.accepted_unconfirmed)
    reason = f"electricity consumed in {country} (art. 39), one supply with its access (C-282/22)"
    return _charged(row, reason, _accepted(registration, row))


def energy_leg(cpo: Party, channel: Party, day: date, law: TaxLaw) -> Ruling:
    """Electricity sold by the CPO to the channel, which buys it to sell it on.

    A channel in the chain is a taxable dealer by what it does (art. 38(2); our inference from
    C-60/23), so the place is the channel's country wherever the car stands. Between two parties
    of one country, only dated evidence of both moves the debt (Germany: form USt 1 TH).
    """
    own = _home(channel, day)
    row = law.rates.on(channel.country, Supply.CHARGING, day, own.accepted_unconfirmed)
    if cpo.country != channel.country:
        reason = f"sold to a taxable dealer established in {channel.country} (art. 38, 195)"
        return _reversed(row, reason, "Directive 2006/112/EC art. 38, 195")
    seller = cpo.vat_in(cpo.country, day)
    if seller is None:
        return _unregistered(cpo)
    rule = law.reseller_rule(cpo.country, day)
    if rule is not None and seller.reseller and own.reseller:
        return _reversed(row, "both are resellers of electricity, with evidence", rule.source)
    missing = " and ".join(
        party.name
        for party, is_reseller in ((cpo, seller.reseller), (channel, own.reseller))
        if not is_reseller
    )
    why = f"no reseller evidence of {missing}" if missing else "no rule for resellers"
    return _charged(row, f"sold within {cpo.country}, {why}", row.source)


def service_leg(seller: Party, buyer: Party, day: date, law: TaxLaw) -> Ruling:
    """A service between businesses: taxed where the buyer is established (art. 44)."""
    registration = seller.vat_in(seller.country, day)
    if registration is None:
        return _unregistered(seller)
    if seller.country == buyer.country:
        row = law.rates.on(buyer.country, Supply.SERVICE, day, registration.accepted_unconfirmed)
        return _charged(row, f"service between businesses in {buyer.country} (art. 44)", row.source)
    proof = buyer.vat_in(buyer.country, day)
    if proof is None:
        raise BusinessUnproven(buyer, day)
    if buyer.country not in law.members:
        reason = f"service to a business in {buyer.country}, outside the Union (art. 44)"
        source = "Directive 2006/112/EC art. 44"
        return Ruling(_NO_VAT, buyer.country, Treatment.OUTSIDE_EU, reason, source)
    row = law.rates.on(buyer.country, Supply.SERVICE, day, proof.accepted_unconfirmed)
    reason = f"service to a business in {buyer.country} by a seller not established there"
    return _reversed(row, f"{reason} (art. 44, 196)", "Directive 2006/112/EC art. 44, 196")


def _home(party: Party, day: date) -> VatRegistration:
    registration = party.vat_in(party.country, day)
    if registration is None:
        raise NotRegistered(party, party.country, day)
    return registration


def _charged(row: RateRow, reason: str, source: str) -> Ruling:
    return Ruling(row.fraction, row.country, Treatment.CHARGED, reason, source)


def _reversed(row: RateRow, reason: str, source: str) -> Ruling:
    return Ruling(row.fraction, row.country, Treatment.REVERSE_CHARGE, reason, source)


def _unregistered(seller: Party) -> Ruling:
    reason = f"{seller.name} has no VAT registration in {seller.country} and may show no VAT"
    source = "Directive 2006/112/EC art. 203, 214"
    return Ruling(_NO_VAT, seller.country, Treatment.NOT_REGISTERED, reason, source)


def _accepted(registration: VatRegistration, row: RateRow) -> str:
    if row.confirmed:
        return row.source
    return f"{row.source} (not confirmed; accepted by {registration.accepted_unconfirmed})"
