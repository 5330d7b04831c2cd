"""What does a tariff say? OCPI's tariff as exact values, version-neutral.

Source: OCPI 2.1.1, 2.2.1 and 2.3.0 mod_tariffs (11.3 and 11.4 of the latter two). Readings:
docs/tariffs.md.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.money import Currency


class Dimension(StrEnum):
    ENERGY = "ENERGY"  # kWh, step in Wh
    FLAT = "FLAT"  # once a session
    PARKING_TIME = "PARKING_TIME"  # hours, step in s
    TIME = "TIME"  # hours, step in s


class Weekday(StrEnum):
    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class Reservation(StrEnum):
    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


class TaxIncluded(StrEnum):
    """Do the prices of the components include tax? OCPI 2.3.0; earlier versions mean NO."""

    YES = "YES"
    NO = "NO"
    NA = "N/A"  # no tax is due at all


class FirstMatch(StrEnum):
    """What does the first element that holds decide? 2.1.1 says everything, later ones differ."""

    PER_DIMENSION = "PER_DIMENSION"
    PER_ELEMENT = "PER_ELEMENT"


@dataclass(frozen=True, slots=True)
class DisplayText:
    """What the CPO says about the tariff, in a language (ISO 639-1)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """`price` per kWh, hour or session; `vat` in percent, None: no VAT statement.

    The price excludes VAT unless the tariff's `tax_included` is YES.
    """

    type: Dimension
    price: Decimal
    step_size: int = 0
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Restrictions:
    """All must hold at the instant (local date and time). min inclusive, max and ends exclusive."""

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration_s: int | None = None
    max_duration_s: int | None = None
    day_of_week: tuple[Weekday, ...] = ()
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class TariffElement:
    price_components: tuple[PriceComponent, ...]
    restrictions: Restrictions = Restrictions()


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """A limit of the session's total; either side may be missing."""

    excl_vat: Decimal | None = None
    incl_vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """`country_code`, `party_id` and `id` name it at its CPO; validity ends are exclusive.

    `preauthorize_amount` is what the CPO would hold on a card; it, `texts`, `url` and `energy_mix`
    (canonical JSON) are carried along and price nothing.

    `unsupported` names what it says beyond this model (an unknown restriction, say): it can be
    kept and shown, but not priced, since to ignore a restriction is to invent a price.
    """

    country_code: str
    party_id: str
    id: str
    currency: Currency
    elements: tuple[TariffElement, ...]
    last_updated: datetime
    type: str = ""
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    unsupported: tuple[str, ...] = ()
    tax_included: TaxIncluded = TaxIncluded.NO
    first_match: FirstMatch = FirstMatch.PER_DIMENSION
    preauthorize_amount: PriceLimit | None = None
    texts: tuple[DisplayText, ...] = ()
    url: str = ""
    energy_mix: str | None = None
