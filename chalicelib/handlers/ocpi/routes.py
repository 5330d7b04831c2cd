"""Which OCPI paths are there, in which versions, and which module of this package serves each?

Every method is routed: Chalice would answer a wrong one in a form that is not OCPI's.
"""

from collections.abc import Mapping

from chalicelib.handlers.routing import METHODS, Route

_EVERY = ("2.3.0", "2.2.1", "2.1.1")
_ROUTED = ("2.3.0", "2.2.1")  # where messages name whom they are from and for
_NEWEST = ("2.3.0",)
_PARTY = "{country_code}/{party_id}"
_PLACE = f"/locations/{_PARTY}/{{location_id}}"
_OUR_PLACE = "/cpo/locations/{location_id}"

_PATHS: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # below the version
    "versions": {"": _EVERY},
    "credentials": {"/credentials": _EVERY},
    # From CPOs.
    "locations": {
        _PLACE: _EVERY,
        f"{_PLACE}/{{evse_uid}}": _EVERY,
        f"{_PLACE}/{{evse_uid}}/{{connector_id}}": _EVERY,
    },
    "tariffs": {f"/tariffs/{_PARTY}/{{tariff_id}}": _EVERY},
    "sessions": {f"/sessions/{_PARTY}/{{session_id}}": _EVERY},
    "cdrs": {"/cdrs": _EVERY, f"/cdrs/{_PARTY}/{{cdr_id}}": _EVERY},
    "tokens": {"/tokens": _EVERY, "/tokens/{token_uid}/authorize": _EVERY},
    "commands": {"/commands/{command}/{about_id}/{nonce}": _EVERY},
    "hubclientinfo": {f"/clientinfo/{_PARTY}": _ROUTED, "/cpo/hubclientinfo": _ROUTED},
    "invoicereconciliation": {
        "/invoicereconciliation": _NEWEST,
        f"/invoicereconciliation/{_PARTY}/{{record_id}}": _NEWEST,
    },
    # From eMSPs, to which we are the CPOs.
    "emsp_network": {
        "/cpo/locations": _ROUTED,
        _OUR_PLACE: _ROUTED,
        f"{_OUR_PLACE}/{{evse_uid}}": _ROUTED,
        f"{_OUR_PLACE}/{{evse_uid}}/{{connector_id}}": _ROUTED,
        "/cpo/tariffs": _ROUTED,
    },
    "emsp_sessions": {
        "/cpo/sessions": _ROUTED,
        "/cpo/sessions/{session_id}/charging_preferences": _ROUTED,
        "/cpo/cdrs": _ROUTED,
    },
    "emsp_tokens": {f"/cpo/tokens/{_PARTY}/{{token_uid}}": _ROUTED},
    "emsp_commands": {"/cpo/commands/{command}": _ROUTED},
}

OCPI = (
    Route("/ocpi/openapi.json", ("GET",), "ocpi.described"),
    Route("/ocpi/versions", METHODS, "ocpi.versions"),
    *(
        Route(f"/ocpi/{version}{path}", METHODS, f"ocpi.{module}")
        for module, paths in _PATHS.items()
        for path, versions in paths.items()
        for version in versions
    ),
)
