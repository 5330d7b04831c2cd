"""How does a hub tell which parties are reachable through it? (mod_hub_client_info, Receiver)"""

from chalicelib.domain.errors import Invalid
from chalicelib.handlers.ocpi.endpoint import Call, Kind, Reply, serve
from chalicelib.ocpi.envelope.client_info import read_client_info, write_client_info
from chalicelib.usecases.connection.client_info import accept_client_info, client_info


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


serve(
    "/clientinfo/{country_code}/{party_id}",
    {"GET": show, "PUT": put},
    Kind.CONFIGURATION,
    versions=("2.3.0", "2.2.1"),
)
