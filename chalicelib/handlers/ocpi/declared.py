"""What does each OCPI endpoint take and give? Its words and shapes, for those who describe it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from chalicelib.handlers.ocpi.charge_shapes import (
    Authorization211Shape,
    AuthorizationShape,
    CancelReservationShape,
    Cdr211Shape,
    Cdr221Shape,
    Cdr230Shape,
    ChargingPreferencesResponseShape,
    ChargingPreferencesShape,
    CommandResponseShape,
    CommandResultShape,
    LocationReferencesShape,
    ReserveNowShape,
    Session211Shape,
    Session221Shape,
    Session230Shape,
    StartSessionShape,
    StopSessionShape,
    Token211Shape,
    TokenShape,
)
from chalicelib.handlers.ocpi.network_shapes import (
    Connector211Shape,
    ConnectorShape,
    Evse211Shape,
    EvseShape,
    Location211Shape,
    LocationShape,
    Tariff211Shape,
    Tariff221Shape,
    Tariff230Shape,
)
from chalicelib.handlers.ocpi.platform_shapes import (
    ClientInfoShape,
    Credentials211Shape,
    CredentialsShape,
    DetailsShape,
    InvoiceRecordShape,
    VersionShape,
)

Shapes = Mapping[str, type[BaseModel]]  # by version
OLD, MIDDLE, NEW = "2.1.1", "2.2.1", "2.3.0"


@dataclass(frozen=True, slots=True)
class Declared:
    """`data` is what is answered; without it, nothing or `as_told`: an object as it was sent."""

    summary: str
    body: tuple[Shapes, ...] = ()  # one of them
    data: Shapes | None = None
    as_told: bool = False
    listed: bool = False  # `data` is one page of those
    made: bool = False  # 201 when it is new


def _shapes(
    old: type[BaseModel], middle: type[BaseModel], new: type[BaseModel] | None = None
) -> Shapes:
    return {OLD: old, MIDDLE: middle, NEW: new or middle}


def _all(shape: type[BaseModel]) -> Shapes:
    return {"": shape, OLD: shape, MIDDLE: shape, NEW: shape}


_CREDENTIALS = _shapes(Credentials211Shape, CredentialsShape)
_LOCATION = _shapes(Location211Shape, LocationShape)
_EVSE = _shapes(Evse211Shape, EvseShape)
_CONNECTOR = _shapes(Connector211Shape, ConnectorShape)
_TARIFF = _shapes(Tariff211Shape, Tariff221Shape, Tariff230Shape)
_SESSION = _shapes(Session211Shape, Session221Shape, Session230Shape)
_CDR = _shapes(Cdr211Shape, Cdr221Shape, Cdr230Shape)
_TOKEN = _shapes(Token211Shape, TokenShape)
_AUTHORIZATION = _shapes(Authorization211Shape, AuthorizationShape)
_INVOICE = _all(InvoiceRecordShape)
_INFO = _all(ClientInfoShape)
_COMMANDS = (
    *(_all(StartSessionShape), _all(StopSessionShape)),
    *(_all(ReserveNowShape), _all(CancelReservationShape)),
)
_PARTY = "{country_code}/{party_id}"
_PLACE = f"/locations/{_PARTY}/{{location_id}}"
_RECORD = f"/invoicereconciliation/{_PARTY}/{{record_id}}"
_HUB_PLACE = "/cpo/locations/{location_id}"
_HUB_TOKEN = f"/cpo/tokens/{_PARTY}/{{token_uid}}"


def _pushed(path: str, kind: str, shapes: Shapes) -> dict[tuple[str, str], Declared]:
    return {
        ("GET", path): Declared(f"Read {kind} as you told it", as_told=True),
        ("PUT", path): Declared(f"Tell {kind}", (shapes,)),
        ("PATCH", path): Declared(f"Tell what changed in {kind}", (shapes,)),
        ("DELETE", path): Declared(f"Withdraw {kind}"),
    }


# By method and path below the version.
DECLARED: Mapping[tuple[str, str], Declared] = {
    ("GET", "/ocpi/versions"): Declared(
        "Which versions are spoken", data=_all(VersionShape), listed=True
    ),
    ("GET", ""): Declared("Which modules a version has", data=_all(DetailsShape)),
    ("GET", "/credentials"): Declared("Read our credentials", data=_CREDENTIALS),
    ("POST", "/credentials"): Declared("Register", (_CREDENTIALS,), _CREDENTIALS),
    ("PUT", "/credentials"): Declared(
        "Renew your credentials, or change the version", (_CREDENTIALS,), _CREDENTIALS
    ),
    ("DELETE", "/credentials"): Declared("Leave"),
    **_pushed(_PLACE, "a location", _LOCATION),
    **_pushed(f"{_PLACE}/{{evse_uid}}", "an EVSE", _EVSE),
    **_pushed(f"{_PLACE}/{{evse_uid}}/{{connector_id}}", "a connector", _CONNECTOR),
    **_pushed(f"/tariffs/{_PARTY}/{{tariff_id}}", "a tariff", _TARIFF),
    **_pushed(f"/sessions/{_PARTY}/{{session_id}}", "a session", _SESSION),
    ("POST", "/cdrs"): Declared("Hand in the record that is billed", (_CDR,), made=True),
    ("GET", f"/cdrs/{_PARTY}/{{cdr_id}}"): Declared("Read a CDR byte for byte", as_told=True),
    ("GET", "/tokens"): Declared("List our drivers' tokens", data=_TOKEN, listed=True),
    ("POST", "/tokens/{token_uid}/authorize"): Declared(
        "Ask whether a token may charge now", (_all(LocationReferencesShape),), _AUTHORIZATION
    ),
    ("POST", "/commands/{command}/{about_id}/{nonce}"): Declared(
        "Tell a charger's answer to a command", (_all(CommandResultShape),)
    ),
    ("GET", f"/clientinfo/{_PARTY}"): Declared("Read a party behind your hub", data=_INFO),
    ("PUT", f"/clientinfo/{_PARTY}"): Declared("Tell of a party behind your hub", (_INFO,)),
    ("GET", "/invoicereconciliation"): Declared(
        "List which CDRs our statements settle", data=_INVOICE, listed=True
    ),
    ("POST", "/invoicereconciliation"): Declared(
        "Tell which CDRs an invoice settles", (_INVOICE,), made=True
    ),
    ("GET", _RECORD): Declared("Read a record of yours", data=_INVOICE),
    ("PUT", _RECORD): Declared("Tell a record anew", (_INVOICE,)),
    ("DELETE", _RECORD): Declared("Withdraw a record"),
    ("GET", "/cpo/locations"): Declared("List the locations", data=_LOCATION, listed=True),
    ("GET", _HUB_PLACE): Declared("Read a location", data=_LOCATION),
    ("GET", f"{_HUB_PLACE}/{{evse_uid}}"): Declared("Read an EVSE", data=_EVSE),
    ("GET", f"{_HUB_PLACE}/{{evse_uid}}/{{connector_id}}"): Declared(
        "Read a connector", data=_CONNECTOR
    ),
    ("GET", "/cpo/tariffs"): Declared("List the tariffs", data=_TARIFF, listed=True),
    ("GET", "/cpo/sessions"): Declared("List your sessions", data=_SESSION, listed=True),
    ("PUT", "/cpo/sessions/{session_id}/charging_preferences"): Declared(
        "Tell what a driver prefers while its car charges",
        (_all(ChargingPreferencesShape),),
        _all(ChargingPreferencesResponseShape),
    ),
    ("GET", "/cpo/cdrs"): Declared("List your CDRs", data=_CDR, listed=True),
    ("GET", "/cpo/hubclientinfo"): Declared(
        "List which CPOs you reach through us, and whether they answer", data=_INFO, listed=True
    ),
    ("GET", _HUB_TOKEN): Declared("Read a token as you told it", as_told=True),
    ("PUT", _HUB_TOKEN): Declared("Tell a driver's token", (_TOKEN,)),
    ("PATCH", _HUB_TOKEN): Declared("Tell what changed in a token", (_TOKEN,)),
    ("POST", "/cpo/commands/{command}"): Declared(
        "Start or stop a charge, keep a charger free or give it back",
        _COMMANDS,
        _all(CommandResponseShape),
    ),
}
