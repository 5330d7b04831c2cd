"""How do the CPO and an eMSP come to know each other? Versions and credentials, both ways.

Source: OCPI 2.2.1 credentials.asciidoc, version_information_endpoint.asciidoc.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.peers.cpo import envelope
from sandbox.peers.cpo.connection import Caller, Connection
from sandbox.peers.cpo.envelope import Refusal

VERSION = "2.2.1"
_NEEDED = ("sessions.RECEIVER", "cdrs.RECEIVER", "credentials")
_MODULES = {
    "locations": ("SENDER",),
    "tariffs": ("SENDER",),
    "sessions": ("SENDER",),
    "cdrs": ("SENDER",),
    "tokens": ("RECEIVER",),
    "commands": ("RECEIVER",),
    "credentials": ("SENDER",),  # the role has no meaning there
}

Json = dict[str, Any]


def details(base: str) -> Json:
    """Our version details; `base` is the URL of the version."""
    endpoints = [
        {"identifier": module, "role": role, "url": f"{base}/{module}"}
        for module, roles in _MODULES.items()
        for role in roles
    ]
    return {"version": VERSION, "endpoints": endpoints}


def credentials(token: str, versions_url: str, party: Mapping[str, str], name: str) -> Json:
    role = {"role": "CPO", "business_details": {"name": name}, **party}
    return {"token": token, "url": versions_url, "roles": [role]}


def new_token() -> str:
    return secrets.token_urlsafe(32)


async def accept(caller: Caller, body: object) -> Connection:
    """What a POST or PUT of credentials makes; Refusal 3001, 3002 or 3003 when it cannot."""
    roles = envelope.member(body, "roles")
    if not isinstance(roles, list) or not roles:
        raise Refusal(200, envelope.INVALID_PARAMETERS, "roles: at least one")
    token, url = envelope.member(body, "token"), envelope.member(body, "url")
    endpoints = await discover(caller, url, token)
    return Connection(
        shown=new_token(),
        ours=token,
        versions_url=url,
        endpoints=endpoints,
        country_code=envelope.member(roles[0], "country_code"),
        party_id=envelope.member(roles[0], "party_id"),
    )


async def connect(caller: Caller, versions_url: str, token_a: str, ours: Json) -> Connection:
    """Register at the eMSP with its token A; `ours` are our credentials with token B in them."""
    endpoints = await discover(caller, versions_url, token_a)
    answer = await caller.configuration(token_a, "POST", endpoints["credentials"], ours)
    if not answer.good:
        raise Refusal(200, answer.status or 3000, f"they refused our credentials: {answer.http}")
    role = answer.data["roles"][0]
    return Connection(
        shown=ours["token"],
        ours=answer.data["token"],
        versions_url=versions_url,
        endpoints=endpoints,
        country_code=role["country_code"],
        party_id=role["party_id"],
    )


async def discover(caller: Caller, versions_url: str, token: str) -> dict[str, str]:
    """Their endpoints of the mutual version, as "<module>.<role>" (credentials: no role)."""
    versions = await caller.configuration(token, "GET", versions_url)
    if not versions.good or not isinstance(versions.data, list):
        raise Refusal(200, envelope.UNABLE_TO_USE_API, "your versions endpoint did not answer")
    url = next((v.get("url") for v in versions.data if v.get("version") == VERSION), None)
    if not url:
        raise Refusal(200, envelope.UNSUPPORTED_VERSION, f"we speak {VERSION} only")
    found = await caller.configuration(token, "GET", url)
    if not found.good or not isinstance(found.data, dict):
        raise Refusal(200, envelope.UNABLE_TO_USE_API, "your version details did not answer")
    endpoints = {_name(endpoint): endpoint["url"] for endpoint in found.data["endpoints"]}
    missing = [name for name in _NEEDED if name not in endpoints]
    if missing:
        raise Refusal(200, envelope.MISSING_ENDPOINTS, f"missing: {', '.join(missing)}")
    return endpoints


def _name(endpoint: Mapping[str, str]) -> str:
    module = endpoint["identifier"]
    return module if module == "credentials" else f"{module}.{endpoint['role']}"
