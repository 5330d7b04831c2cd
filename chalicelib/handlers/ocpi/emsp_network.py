"""What may an eMSP read of the network? Locations and tariffs of the CPOs it reaches through us.

As Sender (mod_locations 8.2.1, mod_tariffs 11.2.1).
"""

from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve_emsps
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.ocpi.told import words
from chalicelib.usecases.hub.locations import offered_location, page
from chalicelib.usecases.hub.tariffs import raws, tariffs

_LOCATIONS_MAX = 25  # of 150,000 bytes each: an answer has at most 6 MB


def list_locations(call: Call) -> Reply:
    asked = read_page(call.query, _LOCATIONS_MAX)
    span, part = (asked.date_from, asked.date_to), (asked.offset, asked.limit)
    found, total = page(call.ports, call.connection.partner, call.to, span, part)
    written = [words(call.version).location(one) for one in found]
    url = f"{call.base_url}/cpo/locations"
    return Reply(written, headers=headers(asked, url, total, _LOCATIONS_MAX))


def show_location(call: Call) -> Reply:
    """A location, or one of its EVSEs or connectors."""
    partner_id, ids = call.connection.partner, call.ids
    offered = offered_location(call.ports, partner_id, call.to, ids["location_id"])
    told = words(call.version).location(offered)
    if "evse_uid" in ids:
        told = _one(told["evses"], "uid", ids["evse_uid"], "EVSE")
    if "connector_id" in ids:
        told = _one(told["connectors"], "id", ids["connector_id"], "connector")
    return Reply(told)


def list_tariffs(call: Call) -> Reply:
    asked, ours = read_page(call.query), words(call.version)
    partner_id, span = call.connection.partner, (asked.date_from, asked.date_to)
    told = [
        one for one in tariffs(call.ports, partner_id, call.to, *span) if ours.sayable(one.tariff)
    ]
    part = told[asked.offset : asked.offset + asked.limit]
    texts = raws(call.ports, part)
    written = [ours.tariff(one.tariff, raw) for one, raw in zip(part, texts, strict=True)]
    return Reply(written, headers=headers(asked, f"{call.base_url}/cpo/tariffs", len(told)))


def _one(told: list[dict[str, Any]], name: str, id_: str, kind: str) -> dict[str, Any]:
    for one in told:
        if str(one[name]).lower() == id_.lower():
            return one
    raise NotFound(kind, id_)


_PATH = "/locations/{location_id}"
serve_emsps("/locations", {"GET": list_locations})
serve_emsps(_PATH, {"GET": show_location})
serve_emsps(f"{_PATH}/{{evse_uid}}", {"GET": show_location})
serve_emsps(f"{_PATH}/{{evse_uid}}/{{connector_id}}", {"GET": show_location})
serve_emsps("/tariffs", {"GET": list_tariffs})
