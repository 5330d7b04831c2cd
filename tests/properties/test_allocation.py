"""What must hold of every sale, whatever the amounts, countries, terms and statuses?"""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.entry import sums
from chalicelib.domain.ledger.sale import sale_entry
from chalicelib.domain.money import Currency, Money, total
from chalicelib.domain.party.party import Party, PartyKind, VatRegistration
from chalicelib.domain.revenue.allocate import Sale, allocate
from chalicelib.domain.tax.leg import Treatment, vat_on, vat_within

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = date(2024, 1, 1)
COUNTRIES = ("DE", "NL", "SE", "AT", "GR", "IE", "CH")
fractions = st.decimals(0, 1, places=4)
currencies = st.sampled_from(["EUR", "SEK", "JPY", "KWD"]).map(Currency)


@st.composite
def registrations(draw: st.DrawFn, countries: tuple[str, ...]) -> tuple[VatRegistration, ...]:
    return tuple(
        VatRegistration(
            country, "1", SINCE, reseller=draw(st.booleans()), accepted_unconfirmed="Ada"
        )
        for country in countries
    )


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    code = draw(currencies)
    home, cpo_home, partner_home, where = (draw(st.sampled_from(COUNTRIES)) for _ in range(4))
    role = draw(st.sampled_from(Role))
    method = draw(st.sampled_from(PaymentMethod))
    agreement = Agreement(
        id=AgreementId("agr_1"),
        partner_id=PartyId("par_1"),
        cpo_id=PartyId("*"),
        commission=draw(fractions),
        partner_share=draw(fractions),
        payment_method=method,
        since=SINCE,
        role=role,
        form=Form.COMMISSION if role is Role.DISCLOSED_AGENT else draw(st.sampled_from(Form)),
    )
    everywhere = draw(registrations(COUNTRIES))
    partner_vat = draw(registrations((partner_home,) if draw(st.booleans()) else ()))
    return Sale(
        gross=Money(draw(st.integers(0, 5_000_000)), code),
        energy_kwh=Decimal(30),
        country=where,
        day=AT.date(),
        agreement=agreement,
        channel=Party(PartyId("channel"), PartyKind.CHANNEL, "channel", home, code, vat=everywhere),
        cpo=Party(
            PartyId("cpo_1"),
            PartyKind.CPO,
            "cpo",
            cpo_home,
            code,
            vat=draw(registrations(COUNTRIES)),
        ),
        partner=Party(
            PartyId("par_1"), PartyKind.PARTNER, "partner", partner_home, code, vat=partner_vat
        ),
    )


@given(sales())
def test_the_parts_of_a_sale_are_exactly_what_the_driver_pays(sale: Sale) -> None:
    found = allocate(sale)
    parts = (found.cpo_due, found.partner_due, found.platform, *found.vat_due.values())
    assert total(parts, sale.gross.currency) == sale.gross


@given(sales())
def test_the_entry_of_a_sale_balances_and_charges_the_driver_the_gross(sale: Sale) -> None:
    entry = sale_entry("session#ses_1", allocate(sale), sale.agreement, AT)
    assert all(minor == 0 for minor in sums(entry.postings).values())
    assert all(minor == 0 for minor in journal_sum(balances([entry])).values())
    if sale.gross.minor:
        assert entry.postings[0].money == sale.gross


@given(sales())
def test_the_platform_and_the_partner_share_the_commission_without_losing_a_cent(
    sale: Sale,
) -> None:
    found = allocate(sale)
    driver = found.legs[0]
    commission = Money.rounded(driver.net.exact * sale.agreement.commission, sale.gross.currency)
    shares = [leg.net for leg in found.legs if leg.seller == sale.partner.id]
    assert found.platform + total(shares, sale.gross.currency) == commission


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
    found = allocate(sale)
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
