"""What a CPO asks of its eMSP where extrawest-ocpi has the shapes and no client, in those shapes.

What is sent and what is answered passes the library's own schemas, or there is no answer.
"""

import secrets
from typing import Any

import httpx
from py_ocpi.core.utils import encode_string_base64, get_module_model

Json = dict[str, Any]


class Asks:
    """`records` are the CPO's: who its eMSP is, where it is, and which token it takes."""

    def __init__(self, records: Any) -> None:
        self.records = records

    async def ask(self, asked: Json) -> Json:
        """`sends` and `reads` name schemas of the `module`; `reads` may be that of a list."""
        shown, body = self.records.client["token"], None
        if asked.get("sends"):
            shape = self._shape(asked["sends"], asked["module"])
            body = shape(**asked["body"]).dict(exclude_unset=True)
        url = "/".join([self._endpoint(asked["module"]), *filter(None, [asked.get("path")])])
        answer = await self._send(asked["method"], url, shown, body)
        told, value = answer.json(), None
        if asked.get("reads") and told.get("data") is not None:
            value = _read(self._shape(asked["reads"], asked["module"]), told["data"])
        return {"http": answer.status_code, "status": told["status_code"], "value": value}

    async def credentials(self, method: str, url: str, token: str) -> Json:
        """The handshake that it begins: POST with the token of the invitation, PUT with its own."""
        records, version = self.records, self.records.version
        listed = (await self._send("GET", url, token)).json()["data"]
        (at,) = [one["url"] for one in listed if one["version"] == version]
        details = (await self._send("GET", at, token)).json()["data"]
        records.endpoints = self._shape("VersionDetail", "versions")(**details).dict()
        before, records.token_c = records.token_c, secrets.token_hex(16)
        shape = self._shape("Credentials", "credentials")
        told = shape(**records.credentials()).dict()
        answer = await self._send(method, self._endpoint("credentials"), token, told)
        status = answer.json()["status_code"]
        if status == 1000:
            records.client = shape(**answer.json()["data"]).dict()
        else:
            records.token_c = before
        return {"http": answer.status_code, "status": status, "value": records.client}

    async def _send(
        self, method: str, url: str, token: str, body: Json | None = None
    ) -> httpx.Response:
        shown = token if self.records.version == "2.1.1" else encode_string_base64(token)
        async with httpx.AsyncClient(timeout=30) as client:
            headers = {"Authorization": f"Token {shown}"}
            return await client.request(method, url, json=body, headers=headers)

    def _endpoint(self, module: str) -> str:
        (found, *_) = [
            one["url"] for one in self.records.endpoints["endpoints"] if one["identifier"] == module
        ]
        return str(found).rstrip("/")

    def _shape(self, name: str, module: str) -> Any:
        return get_module_model(name, module, f"v_{self.records.version.replace('.', '_')}")


def _read(shape: Any, told: Any) -> Any:
    if isinstance(told, list):
        return [shape(**one).dict() for one in told]
    return shape(**told).dict()
