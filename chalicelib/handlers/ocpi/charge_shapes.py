"""What do sessions, CDRs, tokens and commands look like in each version?"""

from typing import Annotated

from pydantic import Field, RootModel

from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.preferences import Answer
from chalicelib.domain.token.authorization import Allowed
from chalicelib.handlers.ocpi.network_shapes import (
    Tariff211Shape,
    Tariff221Shape,
    Tariff230Shape,
)
from chalicelib.handlers.ocpi.shapes import (
    CdrTokenShape,
    CurrencyCode,
    Described,
    Id,
    Instant,
    Maybe,
    Name,
    Number,
    OpenEnum,
    Owned,
    PeriodShape,
    Price221Shape,
    Price230Shape,
    Reference,
    TokenUid,
    Url,
    Volume,
)

_Periods = Annotated[list[PeriodShape], Field(max_length=50)]
_SomePeriods = Annotated[list[PeriodShape], Field(min_length=1, max_length=50)]


class UsedConnectorShape(Described):
    id: Id


class UsedEvseShape(Described):
    uid: Id
    connectors: Maybe[Annotated[list[UsedConnectorShape], Field(max_length=1)]] = None


class UsedLocationShape(Described):
    """2.1.1 repeats the Location with the one EVSE and connector that were used."""

    id: Id
    evses: Maybe[Annotated[list[UsedEvseShape], Field(max_length=1)]] = None


class _Session(Described):
    id: Id
    kwh: Maybe[Volume] = None
    currency: CurrencyCode
    status: ChargerStatus
    charging_periods: Maybe[_Periods] = None


class Session211Shape(_Session):
    start_datetime: Instant
    end_datetime: Maybe[Instant] = None
    auth_id: Maybe[Reference] = None
    location: Maybe[UsedLocationShape] = None
    total_cost: Maybe[Number] = None
    last_updated: Maybe[Instant] = None


class _OwnedSession(_Session, Owned):
    start_date_time: Instant
    end_date_time: Maybe[Instant] = None
    cdr_token: Maybe[CdrTokenShape] = None
    authorization_reference: Maybe[Reference] = None
    location_id: Maybe[Id] = None
    evse_uid: Maybe[Id] = None
    connector_id: Maybe[Id] = None
    last_updated: Instant


class Session221Shape(_OwnedSession):
    total_cost: Maybe[Price221Shape] = None


class Session230Shape(_OwnedSession):
    total_cost: Maybe[Price230Shape] = None


class _Cdr(Described):
    id: Id
    start_date_time: Instant
    currency: CurrencyCode
    charging_periods: _SomePeriods
    total_energy: Maybe[Volume] = None
    total_time: Maybe[Volume] = None
    total_parking_time: Maybe[Volume] = None
    last_updated: Maybe[Instant] = None


class Cdr211Shape(_Cdr):
    stop_date_time: Instant
    auth_id: Maybe[Reference] = None
    location: Maybe[UsedLocationShape] = None
    tariffs: Maybe[Annotated[list[Tariff211Shape], Field(max_length=5)]] = None
    total_cost: Number


class CdrLocationShape(Described):
    id: Id
    evse_uid: Maybe[Id] = None
    connector_id: Maybe[Id] = None


class _OwnedCdr(_Cdr, Owned):
    """`credit`: it takes back the CDR of `credit_reference_id`."""

    end_date_time: Instant
    session_id: Maybe[Id] = None
    cdr_token: Maybe[CdrTokenShape] = None
    authorization_reference: Maybe[Reference] = None
    cdr_location: Maybe[CdrLocationShape] = None
    credit: Maybe[bool] = None
    credit_reference_id: Maybe[Id] = None


class Cdr221Shape(_OwnedCdr):
    tariffs: Maybe[Annotated[list[Tariff221Shape], Field(max_length=5)]] = None
    total_cost: Price221Shape
    total_energy_cost: Maybe[Price221Shape] = None
    total_time_cost: Maybe[Price221Shape] = None


class Cdr230Shape(_OwnedCdr):
    tariffs: Maybe[Annotated[list[Tariff230Shape], Field(max_length=5)]] = None
    total_cost: Price230Shape
    total_energy_cost: Maybe[Price230Shape] = None
    total_time_cost: Maybe[Price230Shape] = None


class _Token(Described):
    uid: TokenUid
    type: OpenEnum
    issuer: Maybe[Name] = None
    valid: bool
    whitelist: Maybe[OpenEnum] = None
    last_updated: Instant


class Token211Shape(_Token):
    auth_id: Id


class TokenShape(_Token, Owned):
    contract_id: Id


class LocationReferencesShape(Described):
    location_id: Id
    evse_uids: Maybe[Annotated[list[Id], Field(max_length=20)]] = None


class Authorization211Shape(Described):
    """A LocationReferences only where it is allowed."""

    allowed: Allowed
    location: Maybe[LocationReferencesShape] = None


class AuthorizationShape(Authorization211Shape):
    token: TokenShape
    authorization_reference: Maybe[Reference] = None


class CommandResultShape(Described):
    """`result` is the charger's own answer, ACCEPTED or why not."""

    result: OpenEnum


class StartSessionShape(Described):
    response_url: Url
    token: TokenShape
    location_id: Id
    evse_uid: Maybe[Id] = None
    connector_id: Maybe[Id] = None
    authorization_reference: Maybe[Reference] = None


class StopSessionShape(Described):
    response_url: Url
    session_id: Id


class ReserveNowShape(Described):
    response_url: Url
    token: TokenShape
    expiry_date: Instant
    reservation_id: Id
    location_id: Id
    evse_uid: Maybe[Id] = None
    authorization_reference: Maybe[Reference] = None


class CancelReservationShape(Described):
    response_url: Url
    reservation_id: Id


class ChargingPreferencesShape(Described):
    """A `profile_type` beyond OCPI's own is answered PROFILE_TYPE_NOT_SUPPORTED."""

    profile_type: OpenEnum
    departure_time: Maybe[Instant] = None
    energy_need: Maybe[Volume] = None
    discharge_allowed: Maybe[bool] = None


class ChargingPreferencesResponseShape(RootModel[Answer]):
    """What was said to the same wishes before; ACCEPTED when nothing here speaks against them."""


class CommandResponseShape(Described):
    result: OpenEnum
    timeout: int
