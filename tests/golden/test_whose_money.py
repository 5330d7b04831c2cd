"""Whose money is it? One public tariff, 0.49 EUR/kWh plus VAT, 30 kWh, commission 8 %, half shared.

Each row is a sum that was worked out by hand:

net 14.70; commission 8 % = 1.176 → 1.18; partner 0.59, platform 0.59
DE 19 %: gross 17.493 → 17.49, VAT in it 2.79    NL 21 %: gross 17.787 → 17.79, VAT in it 3.09
margin: the CPO sells for 14.70 - 1.18 = 13.52 (VAT 2.57); commission: 1.18 + 0.22 = 1.40
partner: 0.59 + 0.11 = 0.70
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Party, PartyKind, VatRegistration
from chalicelib.domain.revenue.allocate import Allocation, Sale, allocate
from chalicelib.domain.tax.leg import LegName, Treatment

EUR = Currency("EUR")
DAY = date(2026, 11, 20)
CHAIN, AGENT = Role.COMMISSION_CHAIN, Role.DISCLOSED_AGENT


@dataclass(frozen=True)
class Case:
    """Money in euros as read off the table. `at`: where the CPO and its charger are."""

    name: str
    at: str
    role: Role
    form: Form
    resellers: bool
    pays: str
    cpo: str
    vat: dict[str, str]
    legs: dict[LegName, tuple[str, str]]
    partner: str = "0.70"
    platform: str = "0.59"


DE_DRIVER, NL_DRIVER = ("14.70", "2.79"), ("14.70", "3.09")
SHARE = ("0.59", "0.11")
L = LegName
CASES = (
    Case(
        "all German, margin, no reseller evidence",
        *("DE", CHAIN, Form.MARGIN, False, "17.49", "16.09"),
        vat={"DE": "0.11"},
        legs={L.DRIVER: DE_DRIVER, L.ENERGY: ("13.52", "2.57"), L.PARTNER_SHARE: SHARE},
    ),
    Case(
        "all German, commission, no reseller evidence",
        *("DE", CHAIN, Form.COMMISSION, False, "17.49", "16.09"),
        vat={"DE": "0.11"},
        legs={
            L.DRIVER: DE_DRIVER,
            L.ENERGY: ("14.70", "2.79"),
            L.COMMISSION: ("1.18", "0.22"),
            L.PARTNER_SHARE: SHARE,
        },
    ),
    Case(
        "all German, commission, both resellers",
        *("DE", CHAIN, Form.COMMISSION, True, "17.49", "13.30"),
        vat={"DE": "2.90"},
        legs={
            L.DRIVER: DE_DRIVER,
            L.ENERGY: ("14.70", "0.00"),
            L.COMMISSION: ("1.18", "0.22"),
            L.PARTNER_SHARE: SHARE,
        },
    ),
    Case(
        "all German, margin, both resellers",
        *("DE", CHAIN, Form.MARGIN, True, "17.49", "13.52"),
        vat={"DE": "2.68"},
        legs={L.DRIVER: DE_DRIVER, L.ENERGY: ("13.52", "0.00"), L.PARTNER_SHARE: SHARE},
    ),
    Case(
        "Dutch CPO and charger, German channel and partner",
        *("NL", CHAIN, Form.MARGIN, False, "17.79", "13.52"),
        vat={"NL": "3.09", "DE": "-0.11"},
        legs={L.DRIVER: NL_DRIVER, L.ENERGY: ("13.52", "0.00"), L.PARTNER_SHARE: SHARE},
    ),
    # Ours, in the same notation: the agent sells no electricity, so only its service is its own.
    Case(
        "all German, disclosed agent",
        *("DE", AGENT, Form.COMMISSION, False, "17.49", "16.09"),
        vat={"DE": "0.11"},
        legs={L.DRIVER: DE_DRIVER, L.COMMISSION: ("1.18", "0.22"), L.PARTNER_SHARE: SHARE},
    ),
    Case(
        "Dutch CPO and charger, German disclosed agent",
        *("NL", AGENT, Form.COMMISSION, False, "17.79", "16.61"),
        vat={"DE": "-0.11"},
        legs={L.DRIVER: NL_DRIVER, L.COMMISSION: ("1.18", "0.00"), L.PARTNER_SHARE: SHARE},
    ),
    Case(
        "Dutch CPO and charger, commission",
        *("NL", CHAIN, Form.COMMISSION, False, "17.79", "13.52"),
        vat={"NL": "3.09", "DE": "-0.11"},
        legs={
            L.DRIVER: NL_DRIVER,
            L.ENERGY: ("14.70", "0.00"),
            L.COMMISSION: ("1.18", "0.00"),
            L.PARTNER_SHARE: SHARE,
        },
    ),
)


def eur(text: str) -> Money:
    return Money.rounded(Decimal(text), EUR)


def party(kind: PartyKind, home: str, *registered: str, reseller: bool = False) -> Party:
    since = date(2024, 1, 1)
    vat = tuple(VatRegistration(c, f"{c}1", since, reseller=reseller) for c in registered)
    id_ = PartyId("channel" if kind is PartyKind.CHANNEL else f"{kind.value}_1")
    return Party(id_, kind, kind.value, home, EUR, vat=vat)


def sale_of(case: Case) -> Sale:
    agreement = Agreement(
        id=AgreementId("agr_1"),
        partner_id=PartyId("partner_1"),
        cpo_id=PartyId("cpo_1"),
        commission=Decimal("0.08"),
        partner_share=Decimal("0.5"),
        payment_method=PaymentMethod.CARD,
        since=date(2026, 1, 1),
        role=case.role,
        form=case.form,
    )
    return Sale(
        price=eur(case.pays),
        energy_kwh=Decimal(30),
        country=case.at,
        day=DAY,
        agreement=agreement,
        channel=party(PartyKind.CHANNEL, "DE", "DE", "NL", reseller=case.resellers),
        cpo=party(PartyKind.CPO, case.at, case.at, reseller=case.resellers),
        partner=party(PartyKind.PARTNER, "DE", "DE"),
    )


def allocated(case: Case) -> Allocation:
    return allocate(sale_of(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everybody_is_due_what_the_table_says(case: Case) -> None:
    allocation = allocated(case)
    assert allocation.gross == eur(case.pays)
    assert allocation.cpo_due == eur(case.cpo)
    assert allocation.partner_due == eur(case.partner)
    assert allocation.platform == eur(case.platform)
    assert allocation.vat_due == {country: eur(due) for country, due in case.vat.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_leg_has_its_own_net_and_vat(case: Case) -> None:
    legs = {leg.name: (leg.net, leg.vat) for leg in allocated(case).legs}
    assert legs == {name: (eur(net), eur(vat)) for name, (net, vat) in case.legs.items()}


def test_a_reverse_charge_names_the_rate_and_the_rule_that_moved_the_debt() -> None:
    energy = allocated(CASES[3]).leg(LegName.ENERGY)
    assert energy is not None
    assert energy.treatment is Treatment.REVERSE_CHARGE
    assert energy.reverse_vat == eur("2.57")
    assert "13b" in energy.source
    abroad = allocated(CASES[4]).leg(LegName.ENERGY)
    assert abroad is not None
    assert (abroad.jurisdiction, abroad.rate) == ("DE", Decimal("0.19"))
    assert "art. 38" in abroad.reason
