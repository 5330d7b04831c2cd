from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.party.party import Party, PartyKind, VatRegistration
from chalicelib.domain.tax.leg import Treatment
from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.domain.tax.rulings import (
    BusinessUnproven,
    NotRegistered,
    drivers_leg,
    energy_leg,
    service_leg,
)
from chalicelib.domain.tax.table import RateUnconfirmed

DAY = date(2026, 11, 20)
SINCE = date(2026, 1, 1)


def registered(country: str, **facts: object) -> VatRegistration:
    return replace(VatRegistration(country, f"{country}1", SINCE), **facts)  # type: ignore[arg-type] # test facts


def party(name: str, home: str, *vat: VatRegistration) -> Party:
    return Party(PartyId(name), PartyKind.CPO, name, home, Currency("EUR"), vat=vat)


CHANNEL = party("channel", "DE", registered("DE"), registered("NL"))


def test_a_country_where_the_channel_is_not_registered_is_refused_not_guessed() -> None:
    with pytest.raises(NotRegistered) as refused:
        drivers_leg(CHANNEL, "FR", DAY, EUROPE)
    assert (refused.value.party_id, refused.value.country) == ("channel", "FR")


def test_a_registration_counts_only_on_its_days() -> None:
    ended = party("channel", "DE", registered("NL", until=DAY))
    assert drivers_leg(ended, "NL", date(2026, 11, 19), EUROPE).rate == Decimal("0.21")
    with pytest.raises(NotRegistered):
        drivers_leg(ended, "NL", DAY, EUROPE)


def test_the_one_stop_shop_covers_charging_only_from_2027_on() -> None:
    oss = party("channel", "DE", registered("NL", oss=True))
    with pytest.raises(NotRegistered, match="2027-01-01"):
        drivers_leg(oss, "NL", DAY, EUROPE)
    assert drivers_leg(oss, "NL", date(2027, 1, 1), EUROPE).jurisdiction == "NL"


def test_an_unconfirmed_rate_names_who_accepted_it() -> None:
    swiss = party("channel", "DE", registered("CH"))
    with pytest.raises(RateUnconfirmed):
        drivers_leg(swiss, "CH", DAY, EUROPE)
    accepted = party("channel", "DE", registered("CH", accepted_unconfirmed="Ada Lovelace"))
    ruling = drivers_leg(accepted, "CH", DAY, EUROPE)
    assert ruling.rate == Decimal("0.081")
    assert "Ada Lovelace" in ruling.source


@pytest.mark.parametrize(
    ("cpo_reseller", "channel_reseller", "treatment"),
    [
        (True, True, Treatment.REVERSE_CHARGE),
        (True, False, Treatment.CHARGED),
        (False, True, Treatment.CHARGED),
        (False, False, Treatment.CHARGED),
    ],
)
def test_within_germany_only_evidence_of_both_resellers_moves_the_vat(
    cpo_reseller: bool,  # noqa: FBT001 - a table's column
    channel_reseller: bool,  # noqa: FBT001
    treatment: Treatment,
) -> None:
    cpo = party("cpo", "DE", registered("DE", reseller=cpo_reseller))
    channel = party("channel", "DE", registered("DE", reseller=channel_reseller))
    assert energy_leg(cpo, channel, DAY, EUROPE).treatment is treatment


def test_reseller_evidence_counts_from_its_day_on() -> None:
    both = (
        registered("DE", until=DAY),
        registered("DE", since=DAY, reseller=True),
    )
    cpo, channel = party("cpo", "DE", *both), party("channel", "DE", *both)
    before = energy_leg(cpo, channel, date(2026, 11, 19), EUROPE)
    assert before.treatment is Treatment.CHARGED
    assert energy_leg(cpo, channel, DAY, EUROPE).treatment is Treatment.REVERSE_CHARGE


def test_electricity_from_another_country_is_taxed_where_the_dealer_is() -> None:
    ruling = energy_leg(party("cpo", "NL", registered("NL")), CHANNEL, DAY, EUROPE)
    assert (ruling.treatment, ruling.jurisdiction) == (Treatment.REVERSE_CHARGE, "DE")
    assert ruling.rate == Decimal("0.19")


def test_a_channel_without_a_registration_at_home_buys_nothing() -> None:
    homeless = party("channel", "DE", registered("NL"))
    with pytest.raises(NotRegistered):
        energy_leg(party("cpo", "NL", registered("NL")), homeless, DAY, EUROPE)


def test_a_seller_without_a_vat_registration_gets_no_vat() -> None:
    small = party("small", "DE")
    assert energy_leg(small, CHANNEL, DAY, EUROPE).treatment is Treatment.NOT_REGISTERED
    assert service_leg(small, CHANNEL, DAY, EUROPE).treatment is Treatment.NOT_REGISTERED


@pytest.mark.parametrize(
    ("seller", "buyer", "treatment", "jurisdiction"),
    [
        ("DE", "DE", Treatment.CHARGED, "DE"),
        ("SE", "DE", Treatment.REVERSE_CHARGE, "DE"),
        ("CH", "DE", Treatment.REVERSE_CHARGE, "DE"),
        ("DE", "CH", Treatment.OUTSIDE_EU, "CH"),
    ],
)
def test_a_service_is_taxed_where_the_buyer_is(
    seller: str, buyer: str, treatment: Treatment, jurisdiction: str
) -> None:
    one, other = party("seller", seller, registered(seller)), party("b", buyer, registered(buyer))
    ruling = service_leg(one, other, DAY, EUROPE)
    assert (ruling.treatment, ruling.jurisdiction) == (treatment, jurisdiction)


def test_a_buyer_abroad_that_is_not_shown_to_be_a_business_is_refused() -> None:
    with pytest.raises(BusinessUnproven):
        service_leg(CHANNEL, party("cpo", "NL"), DAY, EUROPE)
