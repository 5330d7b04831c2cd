"""Who takes part when recorded sessions are replayed? One CPO, one app, and the channel.

All three are companies of the country of the chargers, so that only that country's VAT decides,
and settle in the tariff's currency, so that nothing is converted. They exist since long before any
recording; where our table's VAT rate is not confirmed, the replay accepts it by its own name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import CHANNEL, AgreementId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Kyc, Party, PartyKind, VatRegistration
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.ocpi.lenient.countries import alpha_2
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from sandbox.market.roles import Cast, CpoRole, PartnerRole
from sandbox.peers.cpo.tariff import refuse_what_cannot_be_priced
from sandbox.peers.provider.amounts import MINIMUM

PARTNER = "app"
SITE = ("SITE", "Recording", "46.520000", "6.565000")
_SINCE = date(2000, 1, 1)
_ACCEPTED_BY = "sandbox replay"
_FLOAT_MINOR = 50_000_000
_POWER_KW = 350  # what a plug is published with: the recording, not this, says how fast it was
_PARTY_CODE = "REC"


@dataclass(frozen=True, slots=True)
class Published:
    """The tariff of the replay as the CPO will publish it."""

    object: Mapping[str, Any]
    currency: Currency

    @property
    def id(self) -> str:
        return str(self.object["id"])


def read_published(path: Path, time_zone: str) -> Published:
    """A tariff file that the channel, the CPO and the provider can all work with.

    Raises Invalid or TariffNotSupported, naming what is wrong.
    """
    try:
        said = json.loads(path.read_bytes(), parse_float=Decimal)
    except ValueError as error:
        raise Invalid("tariff", f"{path}: {error}") from error
    if not isinstance(said, dict):
        raise Invalid("tariff", f"{path} holds no JSON object", "give one OCPI 2.2.1 Tariff")
    # When it was last updated says nothing here: it is published before the first session.
    given = {name: value for name, value in said.items() if name != "last_updated"}
    named = {"country_code": "XX", "party_id": _PARTY_CODE, **given}
    tariff, _ = read_tariff({**named, "last_updated": "2000-01-01T00:00:00Z"})
    prepare(tariff, time_zone)
    if tariff.currency.lower() not in MINIMUM:
        known = ", ".join(sorted(MINIMUM)).upper()
        raise Invalid("currency", f"the provider takes no {tariff.currency}", f"one of {known}")
    try:
        refuse_what_cannot_be_priced(given)
    except ValueError as error:
        raise Invalid("elements", str(error)) from error
    return Published(given, tariff.currency)


def cast_of(tariff: Published, country: str, time_zone: str, plugs: int) -> Cast:
    """Everybody, with one location that has as many EVSEs as the recording has plugs."""
    if alpha_2(country) != country:
        raise Invalid("country", f"{country!r} is not an ISO 3166-1 alpha-2 country")
    return Cast(
        channel=_company(CHANNEL, PartyKind.CHANNEL, "Plugrail", country, time_zone, tariff),
        cpos=(_operator(tariff, country, time_zone, plugs),),
        partners=(_app(country, time_zone, tariff),),
        floats=(Money(_FLOAT_MINOR, tariff.currency),),
    )


def _operator(tariff: Published, country: str, time_zone: str, plugs: int) -> CpoRole:
    name = "Recorded chargers"
    party = _company(PartyId("cpo_rec"), PartyKind.CPO, name, country, time_zone, tariff)
    return CpoRole(
        party=party,
        country_code=str(tariff.object.get("country_code", country)),
        party_code=str(tariff.object.get("party_id", _PARTY_CODE)),
        tariffs=(dict(tariff.object),),
        cities=(SITE,),
        powers=((_POWER_KW, tariff.id),) * plugs,
    )


def _app(country: str, time_zone: str, tariff: Published) -> PartnerRole:
    party = _company(
        PartyId("par_app"), PartyKind.PARTNER, "Charging app", country, time_zone, tariff
    )
    terms = Agreement(
        id=AgreementId("agr_replay"),
        partner_id=party.id,
        cpo_id=PartyId("*"),
        commission=Decimal("0.08"),
        partner_share=Decimal("0.5"),
        payment_method=PaymentMethod.CARD,
        since=_SINCE,
    )
    return PartnerRole(PARTNER, party, (terms,), hears=False)


def _company(
    id_: PartyId, kind: PartyKind, name: str, country: str, time_zone: str, tariff: Published
) -> Party:
    number = f"{country}{sum(id_.encode()):09d}"  # invented; each has its own
    vat = VatRegistration(country, number, _SINCE, accepted_unconfirmed=_ACCEPTED_BY)
    return Party(
        id=id_,
        kind=kind,
        name=name,
        country=country,
        settlement_currency=tariff.currency,
        sort="app" if kind is PartyKind.PARTNER else "",
        time_zone=time_zone,
        vat=(vat,),
        kyc=Kyc.VERIFIED,
        payout_account="" if kind is PartyKind.CHANNEL else f"acct_{id_.partition('_')[2]}",
        self_billing_since=_SINCE,
    )
