"""Which versions and endpoints have we? (version_information_endpoint)"""

from chalicelib.domain.connection.ours import HUB_VERSIONS
from chalicelib.handlers.ocpi.endpoint import Call, Kind, Reply, serve, serve_above
from chalicelib.ocpi.envelope.versions import write_details, write_versions
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.register import check_version

HUB_ENDPOINTS = (
    ("credentials", "SENDER"),
    ("cpo/locations", "SENDER"),
    ("cpo/tariffs", "SENDER"),
    ("cpo/sessions", "SENDER"),
    ("cpo/cdrs", "SENDER"),
    ("cpo/tokens", "RECEIVER"),
    ("cpo/commands", "RECEIVER"),
    ("cpo/hubclientinfo", "SENDER"),
)


def list_versions(call: Call) -> Reply:
    spoken = HUB_VERSIONS if call.connection.emsp else VERSIONS
    return Reply(write_versions(call.ports.public_url, spoken))


def details(call: Call) -> Reply:
    check_version(call.connection, call.version)
    spoken, url = call.language, call.ports.public_url
    ours = HUB_ENDPOINTS if call.connection.emsp else spoken.endpoints
    return Reply(write_details(url, spoken.version, ours, roles=spoken.roles))


serve_above("/ocpi/versions", {"GET": list_versions})
serve("", {"GET": details}, Kind.HANDSHAKE)
