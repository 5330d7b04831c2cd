"""Which versions and endpoints have we? (version_information_endpoint)"""

from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.v2_2_1.versions import write_details, write_versions


def list_versions(call: Call) -> Reply:
    return Reply(write_versions(call.ports.public_url))


def details(call: Call) -> Reply:
    return Reply(write_details(call.ports.public_url))


serve("/ocpi/versions", {"GET": list_versions}, configuration=True)
serve("/ocpi/2.2.1", {"GET": details}, configuration=True)
