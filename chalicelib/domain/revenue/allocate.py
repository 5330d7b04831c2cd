"""Who earns what of one sale? Legs between driver, channel, CPO and partner, and what each is due.

Everything due follows from the legs, so that nothing is counted twice: a party is due the gross of
what it sells less the gross of what it buys; the VAT due is what the channel charged less what it
was charged; the platform keeps the nets that are left. Their sum is what the driver pays.

A rebate is granted on the price and never shrinks anybody's part but its bearer's: commission and
share are figured on the price before it. Whether it lowers the VAT depends on who pays:

- the driver's seller, or the CPO behind it in a chain, lowers its price: so is the VAT on it
  (Directive 2006/112/EC art. 79, 90; C-317/94);
- a third party pays part of the price, or an agent gives up its own fee: the sale stays what it
  was, and the VAT with it (art. 73; C-300/12).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, Form, Role
from chalicelib.domain.agreement.terms import NOTHING, Bearer
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money, total
from chalicelib.domain.party.party import Party
from chalicelib.domain.revenue.fee import Fee, Use, fee_of
from chalicelib.domain.tax.law import TaxLaw
from chalicelib.domain.tax.leg import DRIVER, Leg, LegName, Ruling, Treatment, vat_on, vat_within
from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.domain.tax.rulings import drivers_leg, energy_leg, service_leg
from chalicelib.domain.tax.table import Supply


@dataclass(frozen=True, slots=True)
class Sale:
    """One finished session. `country` is where the car stood, `day` the local day it ended.

    `price` is by the tariff, VAT included; the driver pays it less the `rebate`, which is figured
    from the agreement when it is not given. `volume_kwh` is the partner's last counted month.
    """

    price: Money
    energy_kwh: Decimal
    country: str
    day: date
    agreement: Agreement
    channel: Party
    cpo: Party
    partner: Party
    volume_kwh: Decimal = NOTHING
    rebate: Money | None = None

    @property
    def use(self) -> Use:
        return Use(self.energy_kwh, self.volume_kwh)

    @property
    def chain(self) -> bool:
        return self.agreement.role is Role.COMMISSION_CHAIN


@dataclass(frozen=True, slots=True)
class Allocation:
    """gross = cpo_due + partner_due + platform + the sum of vat_due, always.

    `gross` is what the driver pays, and price = gross + rebate. `vat_due` has the jurisdictions
    with a sum other than zero; a negative one is a refund due.
    """

    cpo_id: PartyId
    partner_id: PartyId
    gross: Money
    legs: tuple[Leg, ...]
    cpo_due: Money
    partner_due: Money
    platform: Money
    vat_due: Mapping[str, Money]
    rebate: Money | None = None
    rebate_by: Bearer | None = None

    def leg(self, name: LegName) -> Leg | None:
        return next((leg for leg in self.legs if leg.name is name), None)


@dataclass(frozen=True, slots=True)
class Worked:
    """An allocation and what it was worked out from: `net` is the price before any rebate."""

    allocation: Allocation
    net: Money
    commission: Fee
    share: Fee


def drivers_rate(seller: Party, country: str, day: date, law: TaxLaw = EUROPE) -> Decimal:
    """The VAT fraction on the driver's leg, for a tariff that makes no statement of VAT."""
    return drivers_leg(seller, country, day, law).rate


def rebate_of(agreement: Agreement, price: Money, use: Use) -> Fee | None:
    """The rebate on a price, at most the price; None where none is agreed."""
    granted = agreement.driver_rebate
    if granted is None:
        return None
    return fee_of(granted.fraction, granted.terms, price, use, at_most=price)


def allocate(sale: Sale, law: TaxLaw = EUROPE) -> Allocation:
    """The legs of a sale and what everybody is due.

    Raises NotRegistered, NoVatRate, RateUnconfirmed, BusinessUnproven, FeeCurrencyDiffers.
    """
    return worked(sale, law).allocation


def worked(sale: Sale, law: TaxLaw = EUROPE) -> Worked:
    """`allocate`, with the fees that it rests on."""
    assert sale.price.minor >= 0, "a sale is not negative; what goes back is a refund"
    rebate = _rebate(sale)
    assert 0 <= rebate.minor <= sale.price.minor, "a rebate leaves no negative price"
    bearer = sale.agreement.driver_rebate.paid_by if sale.agreement.driver_rebate else None
    ruling = drivers_leg(sale.channel if sale.chain else sale.cpo, sale.country, sale.day, law)
    net = sale.price - vat_within(sale.price, ruling.rate)
    lowers = bearer is not None and _lowers_the_price(sale, bearer)
    sold_for = sale.price - rebate if lowers else sale.price
    driver = _drivers_leg(sale, sold_for, ruling)
    supplied = driver.net if bearer is Bearer.CPO else net  # what the CPO's part is figured from
    commission = fee_of(
        sale.agreement.commission,
        sale.agreement.commission_terms,
        net,
        sale.use,
        at_most=supplied,
    )
    share = fee_of(
        sale.agreement.partner_share,
        sale.agreement.share_terms,
        commission.amount,
        sale.use,
        at_most=commission.amount,
    )
    legs = (driver, *_business_legs(sale, supplied, commission.amount, share.amount, law))
    kept = tuple(leg for leg in legs if leg.net.minor or leg.name is LegName.DRIVER)
    given = Money.zero(rebate.currency) if lowers else rebate
    made = _allocation(sale, kept, given, bearer)
    if bearer is not None:
        made = replace(made, rebate=rebate, rebate_by=bearer)
    return Worked(made, net, commission, share)


def _rebate(sale: Sale) -> Money:
    if sale.rebate is not None:
        return sale.rebate
    figured = rebate_of(sale.agreement, sale.price, sale.use)
    return Money.zero(sale.price.currency) if figured is None else figured.amount


def _lowers_the_price(sale: Sale, bearer: Bearer) -> bool:
    """Whether the bearer stands in the chain of sales to the driver."""
    return bearer is Bearer.CPO or (bearer is Bearer.PLATFORM and sale.chain)


def _allocation(
    sale: Sale, legs: tuple[Leg, ...], given: Money, bearer: Bearer | None
) -> Allocation:
    """`given`: what the bearer puts in, of a price that the seller did not lower."""
    channel, code = sale.channel.id, sale.price.currency
    nothing = Money.zero(code)
    vat_due = _vat_due(legs, channel, sale.price)
    result = Allocation(
        cpo_id=sale.cpo.id,
        partner_id=sale.partner.id,
        gross=legs[0].gross - given,
        legs=legs,
        cpo_due=_due(legs, sale.cpo.id, sale.price),
        partner_due=_due(legs, sale.partner.id, sale.price)
        - (given if bearer is Bearer.PARTNER else nothing),
        platform=_kept(legs, channel, sale.price)
        - (given if bearer is Bearer.PLATFORM else nothing),
        vat_due=vat_due,
    )
    parts = (result.cpo_due, result.partner_due, result.platform, *vat_due.values())
    assert total(parts, code) == result.gross, "a sale's parts are its gross"
    return result


def _business_legs(
    sale: Sale, supplied: Money, commission: Money, share: Money, law: TaxLaw
) -> list[Leg]:
    """In the order of the money: energy, commission, partner's share."""
    legs = []
    margin = sale.chain and sale.agreement.form is Form.MARGIN
    if sale.chain:
        net = supplied - commission if margin else supplied
        ruling = energy_leg(sale.cpo, sale.channel, sale.day, law)
        legs.append(_leg(LegName.ENERGY, sale.cpo, sale.channel, net, ruling))
    if not margin:
        ruling = service_leg(sale.channel, sale.cpo, sale.day, law)
        legs.append(_leg(LegName.COMMISSION, sale.channel, sale.cpo, commission, ruling))
    ruling = service_leg(sale.partner, sale.channel, sale.day, law)
    legs.append(_leg(LegName.PARTNER_SHARE, sale.partner, sale.channel, share, ruling))
    return legs


def _drivers_leg(sale: Sale, gross: Money, ruling: Ruling) -> Leg:
    """The gross was rounded once for the driver; its VAT is inside and its net is what is left."""
    seller = sale.channel if sale.chain else sale.cpo
    vat = vat_within(gross, ruling.rate)
    return _made(LegName.DRIVER, ruling, seller=seller.id, buyer=DRIVER, net=gross - vat, vat=vat)


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
