"""What does a tariff say? OCPI's tariff as exact values, version-neutral.

Source: OCPI 2.2.1 mod_tariffs.asciidoc 11.3 and 11.4. Readings: docs/tariffs.md.
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


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """`price` per kWh, hour or session, excl. VAT; `vat` in percent, None: no VAT statement."""

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
