"""Who takes part in the market? Three partners, three CPOs in three countries, two currencies.

Companies, numbers and prices are invented; the tariffs are of the kinds that the field publishes.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.ids import CHANNEL, AgreementId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Kyc, Party, PartyKind, VatRegistration
from sandbox.market.roles import Cast, CpoRole, PartnerRole

SINCE = date(2026, 1, 1)
EUR, SEK = Currency("EUR"), Currency("SEK")
DKK, NOK, PLN, CZK = Currency("DKK"), Currency("NOK"), Currency("PLN"), Currency("CZK")
_OWN_MONEY = {"SE": SEK, "DK": DKK, "NO": NOK, "PL": PLN, "CZ": CZK}  # elsewhere the euro


def registered(
    country: str, number: str, *, reseller: bool = False, accepted: str = ""
) -> VatRegistration:
    return VatRegistration(country, number, SINCE, reseller=reseller, accepted_unconfirmed=accepted)


THE_CHANNEL = Party(
    id=CHANNEL,
    kind=PartyKind.CHANNEL,
    name="Plugrail",
    country="DE",
    settlement_currency=EUR,
    time_zone="Europe/Berlin",
    vat=(
        registered("DE", "DE136695976", reseller=True),
        registered("NL", "NL823456789B01"),
        registered("SE", "SE502012345601"),
    ),
    kyc=Kyc.VERIFIED,
)


def company(
    id_: str, name: str, zone: str, vat: VatRegistration, *, sort: str = "", account: bool = True
) -> Party:
    """A CPO, or with a `sort` a partner. `account`: whether it has one at the payment provider."""
    return Party(
        id=PartyId(id_),
        kind=PartyKind.PARTNER if sort else PartyKind.CPO,
        name=name,
        country=vat.country,
        settlement_currency=_OWN_MONEY.get(vat.country, EUR),
        sort=sort,
        time_zone=zone,
        vat=(vat,),
        kyc=Kyc.VERIFIED,
        payout_account=f"acct_{id_.partition('_')[2]}" if account else "",
        self_billing_since=SINCE,
    )


def component(type_: str, price: str, vat: str, step: int = 1) -> dict[str, Any]:
    return {"type": type_, "price": Decimal(price), "vat": Decimal(vat), "step_size": step}


RHEINSTROM = CpoRole(
    party=company("cpo_rheinstrom", "Rheinstrom", "Europe/Berlin", registered("DE", "DE811907980")),
    country_code="DE",
    party_code="RHE",
    tariffs=(
        {
            "id": "HPC",
            "currency": "EUR",
            "elements": [{"price_components": [component("ENERGY", "0.49", "19")]}],
        },
        {
            "id": "AC",
            "currency": "EUR",
            "elements": [
                {
                    "price_components": [
                        component("FLAT", "0.35", "19"),
                        component("ENERGY", "0.39", "19"),
                        component("PARKING_TIME", "3.00", "19", 300),
                    ]
                }
            ],
        },
    ),
    cities=(
        ("KOELN", "Köln", "50.938000", "6.960000"),
        ("DUS", "Düsseldorf", "51.227000", "6.773000"),
        ("BN", "Bonn", "50.735000", "7.100000"),
        ("ESS", "Essen", "51.455000", "7.011000"),
    ),
    powers=((150, "HPC"), (150, "HPC"), (22, "AC"), (300, "HPC")),
)
POLDERLAAD = CpoRole(
    party=company(
        "cpo_polderlaad",
        "Polderlaad",
        "Europe/Amsterdam",
        registered("NL", "NL123456782B90"),
        account=False,
    ),
    country_code="NL",
    party_code="PLD",
    tariffs=(
        {
            "id": "DAYNIGHT",
            "currency": "EUR",
            "elements": [
                {
                    "price_components": [component("ENERGY", "0.42", "21")],
                    "restrictions": {"start_time": "20:00", "end_time": "07:00"},
                },
                {
                    "price_components": [component("ENERGY", "0.38", "21")],
                    "restrictions": {"day_of_week": ["SATURDAY", "SUNDAY"]},
                },
                {"price_components": [component("ENERGY", "0.55", "21")]},
            ],
        },
        {
            "id": "BLOCKS",
            "currency": "EUR",
            "min_price": {"excl_vat": Decimal("1.00"), "incl_vat": Decimal("1.21")},
            "elements": [
                {
                    "price_components": [component("ENERGY", "0.60", "21", 500)],
                    "restrictions": {"max_kwh": 10},
                },
                {"price_components": [component("ENERGY", "0.50", "21", 500)]},
            ],
        },
    ),
    cities=(
        ("UTR", "Utrecht", "52.090000", "5.121000"),
        ("AMS", "Amsterdam", "52.370000", "4.895000"),
        ("EIN", "Eindhoven", "51.441000", "5.470000"),
    ),
    powers=((180, "DAYNIGHT"), (180, "DAYNIGHT"), (100, "BLOCKS"), (100, "BLOCKS")),
    iban="NL91ABNA0417164300",  # published as an example
)
NORDLADDA = CpoRole(
    party=company(
        "cpo_nordladda", "Nordladda", "Europe/Stockholm", registered("SE", "SE556188840401")
    ),
    country_code="SE",
    party_code="NLA",
    tariffs=(
        {
            "id": "SNABB",
            "currency": "SEK",
            "min_price": {"excl_vat": Decimal("16.00"), "incl_vat": Decimal("20.00")},
            "max_price": {"excl_vat": Decimal("400.00"), "incl_vat": Decimal("500.00")},
            "elements": [
                {
                    "price_components": [
                        component("ENERGY", "4.80", "25"),
                        component("TIME", "12.00", "25", 60),
                    ]
                }
            ],
        },
    ),
    cities=(
        ("STO", "Stockholm", "59.329000", "18.068000"),
        ("MMA", "Malmö", "55.605000", "13.003000"),
        ("GBG", "Göteborg", "57.709000", "11.975000"),
    ),
    powers=((150, "SNABB"), (150, "SNABB"), (50, "SNABB")),
)
CPOS = (RHEINSTROM, POLDERLAAD, NORDLADDA)


def terms(
    partner: str,
    method: PaymentMethod,
    cpo: str = "*",
    **terms: Any,  # noqa: ANN401 - any other term of an agreement
) -> Agreement:
    return Agreement(
        id=AgreementId(f"agr_{partner}_{cpo.removeprefix('cpo_').replace('*', 'all')}"),
        partner_id=PartyId(f"par_{partner}"),
        cpo_id=PartyId(cpo),
        commission=Decimal("0.08"),
        partner_share=Decimal("0.5"),
        payment_method=method,
        since=SINCE,
        **terms,
    )


_LIMIT = Money(400_000, EUR)
FLEET = PartnerRole(
    "fleet",
    company(
        "par_kurier",
        "Kurier Nord GmbH",
        "Europe/Berlin",
        registered("DE", "DE129273398"),
        sort="fleet",
    ),
    (
        terms("kurier", PaymentMethod.INVOICE, form=Form.COMMISSION, credit_limit=_LIMIT),
        terms(
            "kurier",
            PaymentMethod.INVOICE,
            RHEINSTROM.party.id,
            role=Role.DISCLOSED_AGENT,
            form=Form.COMMISSION,
            credit_limit=_LIMIT,
        ),
    ),
)
APP = PartnerRole(
    "app",
    company(
        "par_ladefuchs",
        "Ladefuchs App",
        "Europe/Berlin",
        registered("DE", "DE812526315"),
        sort="app",
    ),
    (terms("ladefuchs", PaymentMethod.CARD),),
)
INSURER = PartnerRole(
    "insurer",
    company(
        "par_elbe",
        "Assekuranz Elbe AG",
        "Europe/Berlin",
        registered("DE", "DE143454214"),
        sort="insurer",
    ),
    (terms("elbe", PaymentMethod.PREPAID, form=Form.MARGIN),),
    paid_in=Money(60_000, EUR),
)
PARTNERS = (FLEET, APP, INSURER)
FLOAT = (Money(500_000, EUR), Money(3_000_000, SEK))
AT_BANK = Money(300_000, EUR)


THE_CAST = Cast(THE_CHANNEL, CPOS, PARTNERS, FLOAT, AT_BANK)
