"""Who earns what of one sale? Legs between driver, channel, CPO and partner, and what each is due.

Everything due follows from the legs, so that nothing is counted twice: a party is due the gross of
what it sells less the gross of what it buys; the VAT due is what the channel charged less what it
was charged; the platform keeps the nets that are left. Their sum is what the driver pays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, Form, Role
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money, total
from chalicelib.domain.party.party import Party
from chalicelib.domain.revenue.commission import commission_of, share_of
from chalicelib.domain.tax.law import TaxLaw
from chalicelib.domain.tax.leg import DRIVER, Leg, LegName, Ruling, Treatment, vat_on, vat_within
from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.domain.tax.rulings import drivers_leg, energy_leg, service_leg
from chalicelib.domain.tax.table import Supply


@dataclass(frozen=True, slots=True)
class Sale:
    """One finished session. `country` is where the car stood, `day` the local day it ended."""

    gross: Money
    energy_kwh: Decimal
    country: str
    day: date
    agreement: Agreement
    channel: Party
    cpo: Party
    partner: Party


@dataclass(frozen=True, slots=True)
class Allocation:
    """gross = cpo_due + partner_due + platform + the sum of vat_due, always.

    `vat_due` has the jurisdictions with a sum other than zero; a negative one is a refund due.
    """

    cpo_id: PartyId
    partner_id: PartyId
    gross: Money
    legs: tuple[Leg, ...]
    cpo_due: Money
    partner_due: Money
    platform: Money
    vat_due: Mapping[str, Money]

    def leg(self, name: LegName) -> Leg | None:
        return next((leg for leg in self.legs if leg.name is name), None)


def drivers_rate(seller: Party, country: str, day: date, law: TaxLaw = EUROPE) -> Decimal:
    """The VAT fraction on the driver's leg, for a tariff that makes no statement of VAT."""
    return drivers_leg(seller, country, day, law).rate


def allocate(sale: Sale, law: TaxLaw = EUROPE) -> Allocation:
    """The legs of a sale and what everybody is due.

    Raises NotRegistered, NoVatRate, RateUnconfirmed, BusinessUnproven.
    """
    assert sale.gross.minor >= 0, "a sale is not negative; what goes back is a refund"
    legs = tuple(leg for leg in _legs(sale, law) if leg.net.minor or leg.name is LegName.DRIVER)
    channel = sale.channel.id
    vat_due = _vat_due(legs, channel, sale.gross)
    result = Allocation(
        cpo_id=sale.cpo.id,
        partner_id=sale.partner.id,
        gross=sale.gross,
        legs=legs,
        cpo_due=_due(legs, sale.cpo.id, sale.gross),
        partner_due=_due(legs, sale.partner.id, sale.gross),
        platform=_kept(legs, channel, sale.gross),
        vat_due=vat_due,
    )
    parts = (result.cpo_due, result.partner_due, result.platform, *vat_due.values())
    assert total(parts, sale.gross.currency) == sale.gross, "a sale's parts are its gross"
    return result


def _legs(sale: Sale, law: TaxLaw) -> list[Leg]:
    """In the order of the money: driver, energy, commission, partner's share."""
    chain = sale.agreement.role is Role.COMMISSION_CHAIN
    seller = sale.channel if chain else sale.cpo
    driver = _drivers_leg(sale, seller, drivers_leg(seller, sale.country, sale.day, law))
    commission = commission_of(driver.net, sale.agreement.commission)
    legs = [driver]
    margin = chain and sale.agreement.form is Form.MARGIN
    if chain:
        net = driver.net - commission if margin else driver.net
        ruling = energy_leg(sale.cpo, sale.channel, sale.day, law)
        legs.append(_leg(LegName.ENERGY, sale.cpo, sale.channel, net, ruling))
    if not margin:
        ruling = service_leg(sale.channel, sale.cpo, sale.day, law)
        legs.append(_leg(LegName.COMMISSION, sale.channel, sale.cpo, commission, ruling))
    share = share_of(commission, sale.agreement.partner_share)
    ruling = service_leg(sale.partner, sale.channel, sale.day, law)
    legs.append(_leg(LegName.PARTNER_SHARE, sale.partner, sale.channel, share, ruling))
    return legs


def _drivers_leg(sale: Sale, seller: Party, ruling: Ruling) -> Leg:
    """The gross was rounded once for the driver; its VAT is inside and its net is what is left."""
    vat = vat_within(sale.gross, ruling.rate)
    return _made(
        LegName.DRIVER, ruling, seller=seller.id, buyer=DRIVER, net=sale.gross - vat, vat=vat
    )


def _leg(name: LegName, seller: Party, buyer: Party, net: Money, ruling: Ruling) -> Leg:
    charged = ruling.treatment is Treatment.CHARGED
    vat = vat_on(net, ruling.rate) if charged else Money.zero(net.currency)
    return _made(name, ruling, seller=seller.id, buyer=buyer.id, net=net, vat=vat)


def _made(
    name: LegName, ruling: Ruling, *, seller: PartyId, buyer: PartyId, net: Money, vat: Money
) -> Leg:
    goods = name in (LegName.DRIVER, LegName.ENERGY)
    return Leg(
        name=name,
        supply=Supply.CHARGING if goods else Supply.SERVICE,
        seller=seller,
        buyer=buyer,
        net=net,
        vat=vat,
        rate=ruling.rate,
        jurisdiction=ruling.jurisdiction,
        treatment=ruling.treatment,
        reason=ruling.reason,
        source=ruling.source,
    )


def _due(legs: Iterable[Leg], party: PartyId, gross: Money) -> Money:
    """What a party is owed: the channel collects what it sold, and keeps back what it bought."""
    sold = (leg.gross for leg in legs if leg.seller == party)
    bought = (-leg.gross for leg in legs if leg.buyer == party)
    return total((*sold, *bought), gross.currency)


def _kept(legs: Iterable[Leg], channel: PartyId, gross: Money) -> Money:
    sold = (leg.net for leg in legs if leg.seller == channel)
    bought = (-leg.net for leg in legs if leg.buyer == channel)
    return total((*sold, *bought), gross.currency)


def _vat_due(legs: Iterable[Leg], channel: PartyId, gross: Money) -> dict[str, Money]:
    """Output less input VAT of the channel. A reverse charge is both at once: nothing is left."""
    result: defaultdict[str, Money] = defaultdict(lambda: Money.zero(gross.currency))
    for leg in legs:
        if leg.seller == channel:
            result[leg.jurisdiction] += leg.vat
        elif leg.buyer == channel:
            result[leg.jurisdiction] -= leg.vat
    return {country: due for country, due in sorted(result.items()) if due.minor}
