"""Which versions and endpoints have we? (version_information_endpoint)"""

from chalicelib.handlers.ocpi.endpoint import Call, Kind, Reply, serve, serve_above
from chalicelib.ocpi.envelope.versions import write_details, write_versions
from chalicelib.ocpi.language import VERSIONS


def list_versions(call: Call) -> Reply:
    return Reply(write_versions(call.ports.public_url, VERSIONS))


def details(call: Call) -> Reply:
    spoken, url = call.language, call.ports.public_url
    return Reply(write_details(url, spoken.version, spoken.endpoints, roles=spoken.roles))


serve_above("/ocpi/versions", {"GET": list_versions})
serve("", {"GET": details}, Kind.HANDSHAKE)
