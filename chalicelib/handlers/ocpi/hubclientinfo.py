"""How does a hub tell which parties are reachable through it? (mod_hub_client_info)

Of CPOs' hubs we are told; to eMSPs we are the hub.
"""

from chalicelib.domain.errors import Invalid
from chalicelib.handlers.ocpi.endpoint import Call, Kind, Reply, serve, serve_emsps
from chalicelib.ocpi.envelope.client_info import read_client_info, write_client_info
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.usecases.connection.client_info import accept_client_info, client_info
from chalicelib.usecases.hub.locations import within
from chalicelib.usecases.hub.parties import parties


def show(call: Call) -> Reply:
    found = client_info(call.ports, call.connection.id, *call.owner)
    return Reply(write_client_info(found))


def put(call: Call) -> Reply:
    info = read_client_info(call.body)
    if (info.country_code, info.party_id) != call.owner:
        told = f"{info.country_code}*{info.party_id}"
        raise Invalid("party_id", f"{told} is not the {'*'.join(call.owner)} of the URL")
    accept_client_info(call.ports, call.connection, info)
    return Reply()


def list_parties(call: Call) -> Reply:
    asked = read_page(call.query)
    known = parties(call.ports, call.connection.partner)
    told = [one for one in known if within(one.last_updated, asked.date_from, asked.date_to)]
    part = told[asked.offset : asked.offset + asked.limit]
    url = f"{call.base_url}/cpo/hubclientinfo"
    return Reply([write_client_info(one) for one in part], headers=headers(asked, url, len(told)))


serve(
    "/clientinfo/{country_code}/{party_id}",
    {"GET": show, "PUT": put},
    Kind.CONFIGURATION,
    versions=("2.3.0", "2.2.1"),
)
serve_emsps("/hubclientinfo", {"GET": list_parties}, Kind.HUB_ITSELF)
