"""What is an eMSP told of a CPO's network? Locations and tariffs as the partner may use them."""

from dataclasses import dataclass

from chalicelib.domain.network.location import Location
from chalicelib.domain.tariff.tariff import Tariff

ID_MAX = 36  # characters; what has a longer id cannot be told by OCPI


@dataclass(frozen=True, slots=True)
class Offered:
    """`raw` is the CPO's JSON. `tariff_ids` are the partner's, by (EVSE, connector).

    `shown`: it is public, or was once, so that an eMSP may know it.
    """

    location: Location
    raw: str
    tariff_ids: dict[tuple[str, str], tuple[str, ...]]
    shown: bool = True

    @property
    def identity(self) -> str:
        """`CC*PID` of the CPO."""
        return f"{self.location.country_code}*{self.location.party_id}"


@dataclass(frozen=True, slots=True)
class OfferedTariff:
    """The newest version that was published, and where the CPO's JSON of it lies."""

    tariff: Tariff
    raw_name: str
