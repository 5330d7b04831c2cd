"""What is there to know of each who takes part in a market, the recorded ones too?"""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.agreement.agreement import Agreement
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Party
from chalicelib.ocpi.lenient.countries import alpha_3


@dataclass(frozen=True, slots=True)
class CpoRole:
    """A CPO: what we know of it, and the configuration of its simulated system."""

    party: Party
    country_code: str
    party_code: str
    tariffs: tuple[dict[str, Any], ...]
    cities: tuple[tuple[str, str, str, str], ...]  # id, city, latitude, longitude
    powers: tuple[tuple[int, str], ...]  # kW and tariff id of each EVSE of a location
    iban: str = ""  # paid by SEPA there, and not through the payment provider
    version: str = "2.2.1"  # of OCPI, the only one that it speaks

    def config(self, now: str) -> dict[str, Any]:
        """The configuration file of its process."""
        return {
            "country_code": self.country_code,
            "party_id": self.party_code,
            "name": self.party.name,
            "country": alpha_3(self.party.country),
            "time_zone": self.party.time_zone,
            "now": now,
            "versions": [self.version],
            "tariffs": list(self.tariffs),
            "locations": [self._location(*city) for city in self.cities],
        }

    def _location(self, id_: str, city: str, latitude: str, longitude: str) -> dict[str, Any]:
        return {
            "id": id_,
            "address": "Ladehof 1",
            "city": city,
            "coordinates": {"latitude": latitude, "longitude": longitude},
            "evses": [{"power_kw": power, "tariff_id": tariff} for power, tariff in self.powers],
        }


@dataclass(frozen=True, slots=True)
class PartnerRole:
    """A partner, its terms, and what it paid in before the market opened.

    `hears`: whether it has a webhook endpoint, or reads the events when it likes.
    """

    name: str
    party: Party
    agreements: tuple[Agreement, ...]
    paid_in: Money | None = None
    hears: bool = True


@dataclass(frozen=True, slots=True)
class EmspRole:
    """A partner's eMSP, which knows only OCPI, and the configuration of its simulated system."""

    partner: PartnerRole
    country_code: str
    party_code: str
    version: str

    def config(self, now: str) -> dict[str, Any]:
        return {
            "country_code": self.country_code,
            "party_id": self.party_code,
            "name": self.partner.party.name,
            "version": self.version,
            "now": now,
        }


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in a market, and the channel's own money on either rail when it opens."""

    channel: Party
    cpos: tuple[CpoRole, ...]
    partners: tuple[PartnerRole, ...]
    floats: tuple[Money, ...]
    at_bank: Money | None = None
    emsp: EmspRole | None = None  # of one of the partners

    @property
    def paid_parties(self) -> tuple[Party, ...]:
        """Who has an account at the provider."""
        parties = [role.party for role in self.cpos] + [role.party for role in self.partners]
        return tuple(party for party in parties if party.payout_account)
