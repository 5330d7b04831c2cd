"""What must hold of every sale, whatever the amounts, countries, terms and statuses?"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms, Tier
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.entry import sums
from chalicelib.domain.ledger.sale import sale_entry
from chalicelib.domain.money import Currency, Money, total
from chalicelib.domain.party.party import Party, PartyKind, VatRegistration
from chalicelib.domain.revenue.allocate import Sale, allocate, worked
from chalicelib.domain.revenue.explain import explain
from chalicelib.domain.tax.leg import Treatment, vat_on, vat_within

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = date(2024, 1, 1)
COUNTRIES = ("DE", "NL", "SE", "AT", "GR", "IE", "CH")
fractions = st.decimals(0, 1, places=4)
amounts = st.decimals(0, 20, places=4)
currencies = st.sampled_from(["EUR", "HUF", "JPY", "ISK", "KWD"]).map(Currency)


@st.composite
def registrations(draw: st.DrawFn, countries: tuple[str, ...]) -> tuple[VatRegistration, ...]:
    return tuple(
        VatRegistration(
            country, "1", SINCE, reseller=draw(st.booleans()), accepted_unconfirmed="Ada"
        )
        for country in countries
    )


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    starts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=3)))
    return tuple(
        Tier(Decimal(start), draw(fractions), draw(amounts), draw(amounts)) for start in starts
    )


@st.composite
def fees(draw: st.DrawFn, code: Currency, *, tiered: bool = True) -> FeeTerms | None:
    if draw(st.booleans()):
        return None
    least, most = (draw(st.none() | amounts) for _ in range(2))
    return FeeTerms(
        code,
        draw(amounts),
        draw(amounts),
        least if most is None or least is None else min(least, most),
        most,
        draw(tiers()) if tiered else (),
    )


@st.composite
def rebates(draw: st.DrawFn, code: Currency) -> DriverRebate | None:
    if draw(st.booleans()):
        return None
    terms = draw(fees(code, tiered=False))
    return DriverRebate(draw(st.sampled_from(Bearer)), draw(fractions), terms)


@st.composite
def agreements(draw: st.DrawFn, code: Currency) -> Agreement:
    role = draw(st.sampled_from(Role))
    return Agreement(
        id=AgreementId("agr_1"),
        partner_id=PartyId("par_1"),
        cpo_id=PartyId("*"),
        commission=draw(fractions),
        partner_share=draw(fractions),
        payment_method=draw(st.sampled_from(PaymentMethod)),
        since=SINCE,
        role=role,
        form=Form.COMMISSION if role is Role.DISCLOSED_AGENT else draw(st.sampled_from(Form)),
        commission_terms=draw(fees(code)),
        share_terms=draw(fees(code)),
        driver_rebate=draw(rebates(code)),
    )


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    code = draw(currencies)
    home, cpo_home, partner_home, where = (draw(st.sampled_from(COUNTRIES)) for _ in range(4))
    everywhere = draw(registrations(COUNTRIES))
    cpo_vat = draw(registrations(COUNTRIES))
    partner_vat = draw(registrations((partner_home,) if draw(st.booleans()) else ()))

    def party(id_: str, kind: PartyKind, country: str, vat: tuple[VatRegistration, ...]) -> Party:
        return Party(PartyId(id_), kind, kind.value, country, code, vat=vat)

    return Sale(
        price=Money(draw(st.integers(0, 5_000_000)), code),
        energy_kwh=draw(st.decimals(0, 200, places=3)),
        volume_kwh=draw(st.decimals(0, 12_000, places=1)),
        country=where,
        day=AT.date(),
        agreement=draw(agreements(code)),
        channel=party("channel", PartyKind.CHANNEL, home, everywhere),
        cpo=party("cpo_1", PartyKind.CPO, cpo_home, cpo_vat),
        partner=party("par_1", PartyKind.PARTNER, partner_home, partner_vat),
    )


@given(sales())
def test_the_parts_of_a_sale_are_exactly_what_the_driver_pays(sale: Sale) -> None:
    found = allocate(sale)
    parts = (found.cpo_due, found.partner_due, found.platform, *found.vat_due.values())
    assert total(parts, sale.price.currency) == found.gross


@given(sales())
def test_a_rebate_never_makes_a_negative_price_and_is_the_whole_difference(sale: Sale) -> None:
    found = allocate(sale)
    rebate = found.rebate or Money.zero(sale.price.currency)
    assert 0 <= found.gross.minor <= sale.price.minor
    assert found.gross + rebate == sale.price


@given(sales())
def test_a_rebate_costs_its_bearer_and_nobody_else(sale: Sale) -> None:
    """But where its own price bears the commission no more: a CPO that rebates nearly all."""
    without = allocate(replace(sale, agreement=replace(sale.agreement, driver_rebate=None)))
    found = allocate(sale)
    supplied = found.legs[0].net
    if found.rebate_by is Bearer.CPO and worked(sale).commission.amount == supplied:
        return
    if found.rebate_by is not Bearer.CPO:
        assert found.cpo_due == without.cpo_due
    if found.rebate_by is not Bearer.PARTNER:
        assert found.partner_due == without.partner_due
    if found.rebate_by is not Bearer.PLATFORM:
        assert found.platform == without.platform


@given(sales())
def test_no_fee_is_larger_than_what_it_is_taken_from(sale: Sale) -> None:
    found = worked(sale)
    assert 0 <= found.share.amount.minor <= found.commission.amount.minor <= found.net.minor


@given(sales())
def test_the_lines_of_a_split_are_exact_values_rounded_and_what_is_due_is_the_gross(
    sale: Sale,
) -> None:
    lines = explain(sale)
    for line in lines:
        if line.amount is not None:
            assert Money.rounded(line.exact, sale.price.currency) == line.amount
    due = [line.amount for line in lines if line.of == "due" and line.amount is not None]
    assert total(due, sale.price.currency) == allocate(sale).gross


@given(sales())
def test_the_entry_of_a_sale_balances_and_charges_the_driver_the_gross(sale: Sale) -> None:
    allocation = allocate(sale)
    entry = sale_entry("session#ses_1", allocation, sale.agreement, AT)
    assert all(minor == 0 for minor in sums(entry.postings).values())
    assert all(minor == 0 for minor in journal_sum(balances([entry])).values())
    if allocation.gross.minor:
        assert entry.postings[0].money == allocation.gross


@given(sales())
def test_the_platform_and_the_partner_share_the_commission_without_losing_a_cent(
    sale: Sale,
) -> None:
    sale = replace(sale, agreement=replace(sale.agreement, driver_rebate=None))
    found = worked(sale)
    code = sale.price.currency
    shares = [leg.net for leg in found.allocation.legs if leg.seller == sale.partner.id]
    assert found.allocation.platform + total(shares, code) == found.commission.amount


@given(sales())
def test_vat_is_shown_only_by_a_seller_that_may_charge_it(sale: Sale) -> None:
    sellers = {party.id: party for party in (sale.channel, sale.cpo, sale.partner)}
    for leg in allocate(sale).legs:
        if leg.treatment is not Treatment.CHARGED:
            assert leg.vat.minor == 0
        if leg.vat.minor:
            assert sellers[leg.seller].vat_in(leg.jurisdiction, sale.day) is not None
        assert leg.reason
        assert leg.source


@given(sales())
def test_half_a_cent_of_commission_goes_to_the_partner(sale: Sale) -> None:
    plain = replace(sale.agreement, share_terms=None, driver_rebate=None)
    found = allocate(replace(sale, agreement=plain))
    shares = [leg.net.minor for leg in found.legs if leg.seller == sale.partner.id]
    partner = sum(shares)
    commission = found.platform.minor + partner
    assert abs(partner - commission * sale.agreement.partner_share) <= Decimal("0.5")
    if sale.agreement.partner_share == Decimal("0.5"):
        assert partner - found.platform.minor in {0, 1}


@given(st.integers(0, 10**12), st.sampled_from(["0.06", "0.081", "0.19", "0.21", "0.255"]))
def test_the_vat_within_a_gross_is_the_vat_on_its_net_to_a_cent(minor: int, rate: str) -> None:
    gross = Money(minor, Currency("EUR"))
    vat = vat_within(gross, Decimal(rate))
    assert 0 <= vat.minor <= minor
    assert abs((vat_on(gross - vat, Decimal(rate)) - vat).minor) <= 1
