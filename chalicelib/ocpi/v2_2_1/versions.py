"""Which versions and endpoints are there, ours and a peer's? (version_information_endpoint)"""

from typing import Annotated, Any

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.fields import Listed, Text, Upper, Wire, read

VERSION = "2.2.1"
OURS = (
    ("credentials", "SENDER"),  # the role says nothing for this module
    ("locations", "RECEIVER"),
    ("tariffs", "RECEIVER"),
    ("sessions", "RECEIVER"),
    ("cdrs", "RECEIVER"),
    ("tokens", "SENDER"),
    ("commands", "SENDER"),
)
# Pull is what correctness rests on: pushes may be lost.
NEEDED = (
    "credentials",
    "locations.SENDER",
    "tariffs.SENDER",
    "sessions.SENDER",
    "cdrs.SENDER",
    "commands.RECEIVER",
)


class _Version(Wire):
    version: Text
    url: Text


class _Endpoint(Wire):
    identifier: Text
    role: Upper = ""
    url: Text


class _Details(Wire):
    endpoints: Annotated[tuple[_Endpoint, ...], Listed]


class _Versions(Wire):
    data: Annotated[tuple[_Version, ...], Listed]


def write_versions(public_url: str) -> list[dict[str, str]]:
    return [{"version": VERSION, "url": f"{public_url}/ocpi/{VERSION}"}]


def write_details(public_url: str) -> dict[str, Any]:
    endpoints = [
        {"identifier": name, "role": role, "url": f"{public_url}/ocpi/{VERSION}/{name}"}
        for name, role in OURS
    ]
    return {"version": VERSION, "endpoints": endpoints}


def versions_url(public_url: str) -> str:
    return f"{public_url}/ocpi/versions"


def read_versions(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """Version → URL of its details. Raises Invalid."""
    wire = read(_Versions, {"data": value}, [])
    return {version.version: version.url for version in wire.data}


def read_details(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """`<module>.<ROLE>` → URL, credentials without a role. Raises Invalid."""
    endpoints: dict[str, str] = {}
    for endpoint in read(_Details, value, []).endpoints:
        module = endpoint.identifier.lower()
        name = module if module == "credentials" else f"{module}.{endpoint.role}"
        endpoints[name] = endpoint.url.strip()
    if not endpoints:
        raise Invalid("endpoints", "is empty")
    return endpoints


def missing(endpoints: dict[str, str]) -> list[str]:
    """Endpoints without which a charge cannot be followed to its bill."""
    return [name for name in NEEDED if name not in endpoints]
