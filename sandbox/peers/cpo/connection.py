"""With which tokens and endpoints do the CPO and its one eMSP speak to each other?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.peers.calling import Call, Reply
from sandbox.peers.cpo import envelope
from sandbox.peers.cpo.wire import routed


@dataclass(slots=True)
class Connection:
    """`token_a` dies with the registration; `shown` is what they show us, `ours` what we show."""

    token_a: str = ""
    shown: str = ""
    ours: str = ""
    versions_url: str = ""
    version: str = ""
    endpoints: dict[str, str] = field(default_factory=dict)  # "<module>.<role>" → url
    country_code: str = ""
    party_id: str = ""

    @property
    def registered(self) -> bool:
        return bool(self.shown and self.ours)


@dataclass(frozen=True, slots=True)
class Answer:
    """`http` is 0 when nothing came back; `status` is OCPI's, 0 when there was no envelope."""

    http: int = 0
    status: int = 0
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.http // 100 == 2 and self.status // 1000 == 1


class Caller:
    """Makes OCPI requests. It never repeats one: OCPI forbids it."""

    def __init__(self, call: Call, party: Mapping[str, str], *, raw: bool) -> None:
        self._send = call
        self._party = party
        self._raw = raw

    async def configuration(self, token: str, method: str, url: str, body: object = None) -> Answer:
        """Versions and credentials: no routing headers there."""
        return await self._call(token, method, url, body, {})

    async def functional(
        self, connection: Connection, method: str, url: str, body: object = None
    ) -> Answer:
        routing = (
            {}
            if not routed(connection.version)
            else {
                "OCPI-from-country-code": self._party["country_code"],
                "OCPI-from-party-id": self._party["party_id"],
                "OCPI-to-country-code": connection.country_code,
                "OCPI-to-party-id": connection.party_id,
            }
        )
        return await self._call(connection.ours, method, url, body, routing)

    async def _call(
        self, token: str, method: str, url: str, body: object, more: Mapping[str, str]
    ) -> Answer:
        headers = {
            "Authorization": envelope.token_header(token, raw=self._raw),
            **envelope.new_ids(),
            **more,
        }
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = envelope.dumps(body)
        return _read(await self._send(method, url, headers, content))


def _read(answer: Reply) -> Answer:
    try:
        body = envelope.loads(answer.content)
    except envelope.Refusal:
        body = None
    if not isinstance(body, dict):
        return Answer(answer.status, 0, None, answer.headers)
    status = int(body.get("status_code", 0))
    return Answer(answer.status, status, body.get("data"), answer.headers)
