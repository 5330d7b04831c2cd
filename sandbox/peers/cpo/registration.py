"""How do the CPO and an eMSP come to know each other? Versions and credentials, both ways.

Source: OCPI's credentials and version_information_endpoint, of 2.1.1, 2.2.1 and 2.3.0.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.peers.cpo import envelope
from sandbox.peers.cpo.connection import Caller, Connection
from sandbox.peers.cpo.envelope import Refusal
from sandbox.peers.cpo.wire import routed

_NEEDED = ("sessions.RECEIVER", "cdrs.RECEIVER", "credentials")
_MODULES = {
    "locations": "SENDER",
    "tariffs": "SENDER",
    "sessions": "SENDER",
    "cdrs": "SENDER",
    "tokens": "RECEIVER",
    "commands": "RECEIVER",
    "credentials": "SENDER",  # the role has no meaning there
}
_OTHER = {"SENDER": "RECEIVER", "RECEIVER": "SENDER"}

Json = dict[str, Any]


def details(base: str, version: str) -> Json:
    """Our version details; `base` is the URL of the version. 2.1.1 knows no roles."""
    endpoints = [
        {"identifier": module, **({"role": role} if routed(version) else {}), "url": url}
        for module, role in _MODULES.items()
        for url in [f"{base}/{module}"]
    ]
    return {"version": version, "endpoints": endpoints}


def credentials(
    version: str,
    token: str,
    versions_url: str,
    party: Mapping[str, str],
    name: str,
    role: str = "CPO",
) -> Json:
    details_ = {"business_details": {"name": name}}
    if not routed(version):
        return {"token": token, "url": versions_url, **details_, **party}
    who = {"role": role, **details_, **party}
    return {"token": token, "url": versions_url, "roles": [who]}


def new_token() -> str:
    return secrets.token_urlsafe(32)


async def accept(caller: Caller, body: object, version: str) -> Connection:
    """What a POST or PUT of credentials makes; Refusal 3001, 3002 or 3003 when it cannot."""
    party = _party(version, body)
    token, url = envelope.member(body, "token"), envelope.member(body, "url")
    _, endpoints = await discover(caller, url, token, (version,))
    return _connection(new_token(), token, url, version, endpoints, party)


async def connect(
    caller: Caller,
    versions_url: str,
    token_a: str,
    spoken: Sequence[str],
    ours: Mapping[str, Any],
    method: str = "POST",
    needed: Sequence[str] = _NEEDED,
) -> Connection:
    """Register at the eMSP with its token A, or PUT with the present one to change tokens.

    `ours` is what `credentials` takes, `needed` what they must have, `spoken` our versions, the
    best one first.
    """
    version, endpoints = await discover(caller, versions_url, token_a, spoken, needed)
    body = credentials(version, **ours)
    answer = await caller.configuration(token_a, method, endpoints["credentials"], body)
    if not answer.good:
        raise Refusal(200, answer.status or 3000, f"they refused our credentials: {answer.http}")
    shown, theirs = ours["token"], answer.data
    party = _party(version, theirs)
    return _connection(shown, theirs["token"], versions_url, version, endpoints, party)


def _connection(
    shown: str,
    ours: str,
    versions_url: str,
    version: str,
    endpoints: dict[str, str],
    party: Mapping[str, str],
) -> Connection:
    return Connection(
        shown=shown,
        ours=ours,
        versions_url=versions_url,
        version=version,
        endpoints=endpoints,
        country_code=envelope.member(party, "country_code"),
        party_id=envelope.member(party, "party_id"),
    )


def _party(version: str, body: object) -> Mapping[str, str]:
    """Who they are: 2.1.1 says it at once, later versions say it by role."""
    if not routed(version):
        return {name: envelope.member(body, name) for name in ("country_code", "party_id")}
    roles = envelope.member(body, "roles")
    if not isinstance(roles, list) or not roles:
        raise Refusal(200, envelope.INVALID_PARAMETERS, "roles: at least one")
    role: Mapping[str, str] = roles[0]
    return role


async def discover(
    caller: Caller,
    versions_url: str,
    token: str,
    spoken: Sequence[str],
    needed: Sequence[str] = _NEEDED,
) -> tuple[str, dict[str, str]]:
    """The mutual version, and its endpoints as "<module>.<role>" (credentials: no role)."""
    versions = await caller.configuration(token, "GET", versions_url)
    if not versions.good or not isinstance(versions.data, list):
        raise Refusal(200, envelope.UNABLE_TO_USE_API, "your versions endpoint did not answer")
    urls = {one.get("version"): one.get("url") for one in versions.data}
    version = next((one for one in spoken if urls.get(one)), "")
    if not version:
        raise Refusal(200, envelope.UNSUPPORTED_VERSION, f"we speak {', '.join(spoken)} here")
    found = await caller.configuration(token, "GET", urls[version])
    if not found.good or not isinstance(found.data, dict):
        raise Refusal(200, envelope.UNABLE_TO_USE_API, "your version details did not answer")
    endpoints = {_name(endpoint): endpoint["url"] for endpoint in found.data["endpoints"]}
    missing = [name for name in needed if name not in endpoints]
    if missing:
        raise Refusal(200, envelope.MISSING_ENDPOINTS, f"missing: {', '.join(missing)}")
    return version, endpoints


def _name(endpoint: Mapping[str, str]) -> str:
    module = endpoint["identifier"]
    role = endpoint.get("role") or _OTHER.get(_MODULES.get(module, ""), "")
    return module if module == "credentials" else f"{module}.{role}"
