"""Who takes part in the long market? Ten CPOs of ten countries, six currencies, three versions.

The short demo's partners and its three CPOs are among them; a fourth partner knows only OCPI. Four
CPOs speak 2.1.1, three 2.2.1 and three 2.3.0; one of each version is paid by SEPA, the others by
the payment provider. Norway's and Poland's VAT rates on charging are not confirmed in our table:
somebody accepted them by name.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from chalicelib.domain.agreement.agreement import Form, PaymentMethod
from chalicelib.domain.money import Money
from sandbox.market.cast import (
    APP,
    CZK,
    DKK,
    EUR,
    FLEET,
    INSURER,
    NOK,
    NORDLADDA,
    PLN,
    POLDERLAAD,
    RHEINSTROM,
    SEK,
    THE_CHANNEL,
    company,
    component,
    registered,
    terms,
)
from sandbox.market.roles import Cast, CpoRole, EmspRole, PartnerRole

_ACCEPTED_BY = "Ada Lovelace"


def _fast(*tariffs: str) -> tuple[tuple[int, str], ...]:
    """Four chargers of 150 kW with these tariffs in turn: on any of them a session lasts long
    enough to be stopped, and to outgrow its hold.
    """
    return tuple((150, tariffs[number % len(tariffs)]) for number in range(4))


def _energy(id_: str, currency: str, price: str, vat: str, *more: dict[str, Any]) -> dict[str, Any]:
    parts = [component("ENERGY", price, vat), *more]
    return {"id": id_, "currency": currency, "elements": [{"price_components": parts}]}


def _parts_of_the_day(id_: str, currency: str, night: str, day: str, vat: str) -> dict[str, Any]:
    at_night = {
        "price_components": [component("ENERGY", night, vat)],
        "restrictions": {"start_time": "22:00", "end_time": "06:00"},
    }
    by_day = {"price_components": [component("ENERGY", day, vat)]}
    return {"id": id_, "currency": currency, "elements": [at_night, by_day]}


ALPENSTROM = CpoRole(
    party=company("cpo_alpenstrom", "Alpenstrom", "Europe/Vienna", registered("AT", "ATU12011204")),
    country_code="AT",
    party_code="ALP",
    tariffs=(
        _energy("BERG", "EUR", "0.52", "20", component("FLAT", "0.50", "20")),
        _energy("TAL", "EUR", "0.46", "20", component("PARKING_TIME", "6.00", "20", 60)),
    ),
    cities=(
        ("WIEN", "Wien", "48.208000", "16.372000"),
        ("GRAZ", "Graz", "47.070000", "15.439000"),
        ("LINZ", "Linz", "48.306000", "14.286000"),
    ),
    powers=_fast("BERG", "TAL"),
    version="2.1.1",
)
LUMIERE = CpoRole(
    party=company(
        "cpo_lumiere",
        "Lumière Recharge",
        "Europe/Paris",
        registered("FR", "FR40303265045"),
        account=False,
    ),
    country_code="FR",
    party_code="LUM",
    tariffs=(_parts_of_the_day("HEURES", "EUR", "0.36", "0.48", "20"),),
    cities=(
        ("PARIS", "Paris", "48.857000", "2.352000"),
        ("LYON", "Lyon", "45.764000", "4.836000"),
        ("LILLE", "Lille", "50.629000", "3.057000"),
    ),
    powers=_fast("HEURES"),
    iban="FR1420041010050500013M02606",  # published as an example, as the next one
    version="2.1.1",
)
KALADNING = CpoRole(
    party=company(
        "cpo_kaladning", "Kaladning", "Europe/Copenhagen", registered("DK", "DK13585628")
    ),
    country_code="DK",
    party_code="KAL",
    tariffs=(_energy("HURTIG", "DKK", "3.19", "25"),),
    cities=(
        ("KBH", "København", "55.676000", "12.568000"),
        ("AAR", "Aarhus", "56.157000", "10.211000"),
        ("ODE", "Odense", "55.396000", "10.388000"),
    ),
    powers=_fast("HURTIG"),
    version="2.1.1",
)
VLTAVA = CpoRole(
    party=company("cpo_vltava", "Vltava Dobíjení", "Europe/Prague", registered("CZ", "CZ25123891")),
    country_code="CZ",
    party_code="VLT",
    tariffs=(
        _energy("RYCHLE", "CZK", "10.90", "21", component("TIME", "30.00", "21", 60)),
        _energy("POMALU", "CZK", "8.40", "21"),
    ),
    cities=(
        ("PRG", "Praha", "50.088000", "14.420000"),
        ("BRNO", "Brno", "49.195000", "16.608000"),
        ("PLZ", "Plzeň", "49.747000", "13.378000"),
    ),
    powers=_fast("RYCHLE", "POMALU"),
    version="2.1.1",
)
WISLAMOC = CpoRole(
    party=company("cpo_wislamoc", "Wisłamoc", "Europe/Warsaw", registered("PL", "PL5261040828")),
    country_code="PL",
    party_code="WIS",
    tariffs=(_parts_of_the_day("TARYFA", "PLN", "1.59", "2.19", "23"),),
    cities=(
        ("WAW", "Warszawa", "52.230000", "21.011000"),
        ("KRK", "Kraków", "50.062000", "19.937000"),
        ("GDN", "Gdańsk", "54.352000", "18.646000"),
    ),
    powers=_fast("TARYFA"),
)
SCHELDELAAD = CpoRole(
    party=company(
        "cpo_scheldelaad",
        "Scheldelaad",
        "Europe/Brussels",
        registered("BE", "BE0403170701"),
        account=False,
    ),
    country_code="BE",
    party_code="SCH",
    tariffs=(
        _energy("SNEL", "EUR", "0.53", "21", component("TIME", "1.20", "21", 60)),
        {
            **_energy("VAST", "EUR", "0.59", "21"),
            "min_price": {"excl_vat": Decimal("2.00"), "incl_vat": Decimal("2.42")},
        },
    ),
    cities=(
        ("ANT", "Antwerpen", "51.219000", "4.402000"),
        ("GNT", "Gent", "51.054000", "3.717000"),
        ("BRU", "Brussel", "50.850000", "4.352000"),
    ),
    powers=_fast("SNEL", "VAST"),
    iban="BE68539007547034",
    version="2.3.0",
)
FJORDLADING = CpoRole(
    party=company(
        "cpo_fjordlading", "Fjordlading", "Europe/Oslo", registered("NO", "NO923609016MVA")
    ),
    country_code="NO",
    party_code="FJO",
    tariffs=(_energy("LYN", "NOK", "4.39", "25", component("TIME", "30.00", "25", 60)),),
    cities=(
        ("OSLO", "Oslo", "59.913000", "10.752000"),
        ("BGO", "Bergen", "60.392000", "5.324000"),
        ("TRD", "Trondheim", "63.430000", "10.395000"),
    ),
    powers=_fast("LYN"),
    version="2.3.0",
)
LONG_CPOS = (
    replace(RHEINSTROM, powers=((150, "HPC"), (150, "HPC"), (22, "AC"), (150, "HPC"))),
    ALPENSTROM,
    replace(NORDLADDA, powers=_fast("SNABB"), version="2.3.0"),
    POLDERLAAD,
    LUMIERE,
    SCHELDELAAD,
    WISLAMOC,
    KALADNING,
    FJORDLADING,
    VLTAVA,
)
_CHANNEL = replace(
    THE_CHANNEL,
    vat=(
        *THE_CHANNEL.vat,
        registered("AT", "ATU66889218"),
        registered("FR", "FR83404833048"),
        registered("DK", "DK25313763"),
        registered("CZ", "CZ00177041"),
        registered("BE", "BE0428759497"),
        registered("PL", "PL7740001454", accepted=_ACCEPTED_BY),
        registered("NO", "NO974760673MVA", accepted=_ACCEPTED_BY),
    ),
)
ROAMING = EmspRole(
    PartnerRole(
        "roaming",
        company(
            "par_stekker",
            "Stekker Onderweg",
            "Europe/Amsterdam",
            registered("NL", "NL004495445B01"),
            sort="emsp",
        ),
        (terms("stekker", PaymentMethod.PREPAID, form=Form.MARGIN),),
        paid_in=Money(150_000, EUR),
        hears=False,
    ),
    country_code="NL",
    party_code="STK",
    version="2.3.0",
)
LONG_CAST = Cast(
    _CHANNEL,
    LONG_CPOS,
    (FLEET, APP, replace(INSURER, paid_in=Money(150_000, EUR)), ROAMING.partner),
    floats=(
        Money(500_000, EUR),
        *(Money(3_000_000, code) for code in (SEK, DKK, NOK, PLN, CZK)),
    ),
    at_bank=Money(600_000, EUR),
    emsp=ROAMING,
)
