"""What do locations and tariffs look like in each version? (mod_locations, mod_tariffs)"""

from typing import Annotated

from pydantic import Field, WithJsonSchema

from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.tariff.tariff import Dimension, Reservation, TaxIncluded, Weekday
from chalicelib.handlers.ocpi.shapes import (
    Clock,
    Country,
    CurrencyCode,
    Day,
    Described,
    Id,
    Instant,
    Maybe,
    Name,
    Number,
    OpenEnum,
    Owned,
    Percent,
    Price221Shape,
    TimeZone,
    Whole,
)

# Up to 90 and 180 degrees: two patterns, since they are texts.
_LATITUDE = {"type": "string", "pattern": r"^-?[0-8]?[0-9]\.[0-9]{5,7}$"}
_LONGITUDE = {"type": "string", "pattern": r"^-?(1[0-7][0-9]|[0-9]?[0-9])\.[0-9]{5,7}$"}


class CoordinatesShape(Described):
    latitude: Annotated[str, WithJsonSchema(_LATITUDE)]
    longitude: Annotated[str, WithJsonSchema(_LONGITUDE)]


class _Connector(Described):
    id: Id
    standard: OpenEnum
    format: Maybe[OpenEnum] = None
    power_type: OpenEnum


class ConnectorShape(_Connector):
    last_updated: Instant
    max_voltage: Maybe[Whole] = None
    max_amperage: Maybe[Whole] = None
    max_electric_power: Maybe[Whole] = None
    tariff_ids: Maybe[Annotated[list[Id], Field(max_length=20)]] = None


class Connector211Shape(_Connector):
    voltage: Maybe[Whole] = None
    amperage: Maybe[Whole] = None
    tariff_id: Maybe[Id] = None
    last_updated: Maybe[Instant] = None


class _Evse(Described):
    uid: Id
    evse_id: Maybe[Name] = None
    status: EvseStatus
    capabilities: Maybe[Annotated[list[OpenEnum], Field(max_length=20)]] = None
    last_updated: Instant


class EvseShape(_Evse):
    connectors: Maybe[Annotated[list[ConnectorShape], Field(max_length=10)]] = None


class Evse211Shape(_Evse):
    connectors: Maybe[Annotated[list[Connector211Shape], Field(max_length=10)]] = None


class _Location(Described):
    id: Id
    name: Maybe[Name] = None
    address: Name
    city: Name
    postal_code: Maybe[Name] = None
    country: Country
    coordinates: CoordinatesShape
    last_updated: Instant


class LocationShape(_Location, Owned):
    publish: Maybe[bool] = None
    time_zone: TimeZone
    evses: Maybe[Annotated[list[EvseShape], Field(max_length=100)]] = None


class Location211Shape(_Location):
    """Its time zone may only be left out where its country has one."""

    type: Maybe[OpenEnum] = None
    time_zone: Maybe[TimeZone] = None
    evses: Maybe[Annotated[list[Evse211Shape], Field(max_length=100)]] = None


class ComponentShape(Described):
    type: Dimension
    price: Number
    vat: Maybe[Percent] = None
    step_size: Maybe[Whole] = None


class RestrictionsShape(Described):
    start_time: Maybe[Clock] = None
    end_time: Maybe[Clock] = None
    start_date: Maybe[Day] = None
    end_date: Maybe[Day] = None
    min_kwh: Maybe[Number] = None
    max_kwh: Maybe[Number] = None
    min_current: Maybe[Number] = None
    max_current: Maybe[Number] = None
    min_power: Maybe[Number] = None
    max_power: Maybe[Number] = None
    min_duration: Maybe[Whole] = None
    max_duration: Maybe[Whole] = None
    day_of_week: Maybe[list[Weekday]] = None
    reservation: Maybe[Reservation] = None


class ElementShape(Described):
    price_components: Maybe[Annotated[list[ComponentShape], Field(max_length=20)]] = None
    restrictions: Maybe[RestrictionsShape] = None


class TextShape(Described):
    language: Maybe[Name] = None
    text: Maybe[Name] = None


class _Tariff(Described):
    id: Id
    currency: CurrencyCode
    tariff_alt_text: Maybe[Annotated[list[TextShape], Field(max_length=20)]] = None
    elements: Annotated[list[ElementShape], Field(min_length=1, max_length=50)]
    last_updated: Maybe[Instant] = None


class Tariff211Shape(_Tariff):
    pass


class _Dated(_Tariff, Owned):
    type: Maybe[OpenEnum] = None
    start_date_time: Maybe[Instant] = None
    end_date_time: Maybe[Instant] = None


class Tariff221Shape(_Dated):
    min_price: Maybe[Price221Shape] = None
    max_price: Maybe[Price221Shape] = None


class PriceLimitShape(Described):
    before_taxes: Number
    after_taxes: Maybe[Number] = None


class Tariff230Shape(_Dated):
    tax_included: Maybe[TaxIncluded] = None
    min_price: Maybe[PriceLimitShape] = None
    max_price: Maybe[PriceLimitShape] = None
    preauthorize_amount: Maybe[Number] = None
