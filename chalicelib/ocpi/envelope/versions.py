"""Which versions and endpoints are there, ours and a peer's? (version_information_endpoint)"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.lenient.place import Place

# What a CPO is in each module, where it does not say so: 2.1.1 knows no roles.
_OF_A_CPO = {
    "locations": "SENDER",
    "tariffs": "SENDER",
    "sessions": "SENDER",
    "cdrs": "SENDER",
    "tokens": "RECEIVER",
    "commands": "RECEIVER",
}
# Pull is what correctness rests on: pushes may be lost.
NEEDED = (
    "credentials",
    "locations.SENDER",
    "tariffs.SENDER",
    "sessions.SENDER",
    "cdrs.SENDER",
    "commands.RECEIVER",
)
NO_ROLE = frozenset({"credentials"})


_LISTED_MAX = 1000


def write_versions(public_url: str, versions: Sequence[str]) -> list[dict[str, str]]:
    return [{"version": one, "url": f"{public_url}/ocpi/{one}"} for one in versions]


def write_details(
    public_url: str, version: str, ours: Sequence[tuple[str, str]], *, roles: bool
) -> dict[str, Any]:
    """`ours` are paths of modules with our role in each; 2.1.1 writes no roles."""
    base = f"{public_url}/ocpi/{version}"
    endpoints = [
        {
            "identifier": module.rpartition("/")[2],
            **({"role": role} if roles else {}),
            # As in the specification's example: some join their ids to it as it is.
            "url": f"{base}/{PATHS.get(module, module)}/",
        }
        for module, role in ours
    ]
    return {"version": version, "endpoints": endpoints}


PATHS = {"hubclientinfo": "clientinfo"}  # the one module whose endpoint has another name


def versions_url(public_url: str) -> str:
    return f"{public_url}/ocpi/versions"


def read_versions(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """Version → URL of its details. Raises Invalid."""
    versions = _objects(Place.whole({"data": value}), "data", "version", "url")
    return {version.text("version"): version.text("url") for version in versions}


def read_details(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """`<module>.<ROLE>` → URL, credentials without a role. Raises Invalid."""
    endpoints: dict[str, str] = {}
    for endpoint in _objects(Place.answer(value), "endpoints", "identifier", "url"):
        module = endpoint.text("identifier").lower()
        role = endpoint.maybe_upper("role") or _OF_A_CPO.get(module, "")
        name = module if module in NO_ROLE else f"{module}.{role}"
        endpoints[name] = endpoint.text("url").strip()
    if not endpoints:
        raise Invalid("endpoints", "is empty")
    return endpoints


def _objects(place: Place, name: str, *needed: str) -> Iterator[Place]:
    """The objects of a list that must be there, each with what it needs."""
    place.require(name)
    for one in place.objects(name, _LISTED_MAX):
        one.require(*needed)
        yield one


def with_commands(endpoints: dict[str, str]) -> dict[str, str]:
    """Some serve commands beside their locations and do not say so: a start that fails there is
    refused as any other, and a CPO that is not connected at all cannot be pulled either.
    """
    places, commands = endpoints.get("locations.SENDER", "").rstrip("/"), "commands.RECEIVER"
    if commands in endpoints or not places.endswith("/locations"):
        return endpoints
    return {**endpoints, commands: f"{places.removesuffix('/locations')}/commands"}


def missing(endpoints: dict[str, str], needed: Iterable[str] = NEEDED) -> list[str]:
    """Endpoints without which a charge cannot be followed to its bill."""
    return [name for name in needed if name not in endpoints]
