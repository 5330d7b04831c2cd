"""What do OCPI's objects look like here? The common parts of what is described to peers.

These models describe; objects are read by chalicelib.ocpi, more leniently than is said here. What
is required is what a message is refused without: OCPI asks for more. tests/unit/ocpi holds the two
against each other.
"""

from typing import Annotated, TypeAlias, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

T = TypeVar("T")
Maybe: TypeAlias = Union[T, SkipJsonSchema[None]]  # noqa: UP007 - a generic alias: may be left out


class Described(BaseModel):
    """Other members than the described ones are let pass."""

    model_config = ConfigDict(frozen=True, defer_build=True)


def text(most: int, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": most, **more})


_MEASURE = {"type": "number", "minimum": -1_000_000, "maximum": 1_000_000}

Id = Annotated[str, text(36, format="ocpi-ci-string")]
TokenUid = Annotated[str, text(36, format="ocpi-token-uid")]
# Of a start, that sessions and CDRs repeat; ours is the session's id.
Reference = Annotated[str, text(36, format="ocpi-authorization-reference")]
CountryCode = Annotated[str, text(2, format="ocpi-country-code")]  # ISO 3166-1 alpha-2
OcpiParty = Annotated[str, text(3, format="ocpi-party-id")]
Country = Annotated[str, text(3, format="iso-3166-1-alpha-3")]
CurrencyCode = Annotated[str, text(3, format="iso-4217")]
TimeZone = Annotated[str, text(255, format="iana-time-zone")]
Instant = Annotated[str, text(40, format="date-time")]
Day = Annotated[str, text(10, format="date")]
Clock = Annotated[str, text(5, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Name = Annotated[str, text(255)]  # a text for people
OpenEnum = Annotated[str, text(36, pattern="^[A-Z0-9_]+$")]  # new values may come
Url = Annotated[str, text(255, format="uri", pattern="^https?://")]
Number = Annotated[float, WithJsonSchema(_MEASURE)]
Volume = Annotated[float, WithJsonSchema({**_MEASURE, "minimum": 0})]
Whole = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 1_000_000})]
Percent = Annotated[float, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]


class Owned(Described):
    """Since 2.2 an object names its party; in 2.1.1 its URL does, or the credential."""

    country_code: CountryCode
    party_id: OcpiParty


class Price221Shape(Described):
    excl_vat: Number
    incl_vat: Maybe[Number] = None


class TaxShape(Described):
    name: Maybe[Name] = None
    account_number: Maybe[Name] = None
    percentage: Maybe[Number] = None
    amount: Number


class Price230Shape(Described):
    before_taxes: Number
    taxes: Maybe[Annotated[list[TaxShape], Field(max_length=20)]] = None


class CdrDimensionShape(Described):
    type: OpenEnum
    volume: Volume


class PeriodShape(Described):
    start_date_time: Instant
    dimensions: Maybe[Annotated[list[CdrDimensionShape], Field(max_length=20)]] = None
    tariff_id: Maybe[Id] = None


class CdrTokenShape(Described):
    uid: TokenUid
    type: Maybe[OpenEnum] = None
    contract_id: Maybe[Id] = None
