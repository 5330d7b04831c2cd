"""What is there when bad input comes? A charging session, a billed one, and all that partners own.

A mistake is one request and the refusal that it meets; `{names}` in it are the scene's objects.
"""

import hmac
import json
import time
from base64 import b64encode
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from chalice.test import Client, HTTPResponse

from chalicelib import wiring
from chalicelib.domain.access.key import ALL_SCOPES
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.access.issue_key import issue_key
from chalicelib.usecases.connection.read import connection_record, token_hash
from sandbox.memory.world import PARTNERS, PEER, World

JSON = {"Content-Type": "application/json"}
CPO_TOKEN = "what-the-cpo-shows-us"
WEBHOOK_SECRET = "whsec_test"


@dataclass(frozen=True)
class Mistake:
    """`ocpi` is OCPI's own status; `who` asks or signs, if it is not whom the side expects."""

    method: str
    path: str
    status: int
    ocpi: int
    code: str
    field: str
    body: Any
    headers: dict[str, str]
    who: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.code} {self.field} {self.who}".strip()


def at(request: str, refusal: str, body: Any = None, who: str = "", **headers: str) -> Mistake:
    """`METHOD /path` and `status[/OCPI status] code [field]`; `body` is JSON, or bytes as sent."""
    method, path = request.split(" ", 1)
    statuses, code, *field = refusal.split(" ")
    status, _, ocpi = statuses.partition("/")
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Mistake(
        method, path, int(status), int(ocpi or 0), code, "".join(field), body, named, who
    )


class Scene:
    """A channel in memory behind its real handlers, and what each side shows to be let in."""

    def __init__(self, client: Client) -> None:
        self.world = World()
        self.ports = self.world.ports
        self._http = client.http
        self.ports.secrets.write("stripe/webhook", json.dumps([WEBHOOK_SECRET]))
        settings = wiring.Settings({"STRIPE_WEBHOOK_SECRET_NAME": "stripe/webhook"})
        wiring.use(self.ports, settings)
        self.shown = {
            "partner": {"Authorization": f"Bearer {self._key(PaymentMethod.CARD)}", **JSON},
            "another partner": {
                "Authorization": f"Bearer {self._key(PaymentMethod.PREPAID)}",
                **JSON,
            },
            "cpo": {"Authorization": f"Token {b64encode(CPO_TOKEN.encode()).decode()}", **JSON},
        }
        self._let_the_cpo_in()
        self.names = self._objects()

    def send(self, mistake: Mistake) -> HTTPResponse:
        path = mistake.path.format(**self.names)
        body = mistake.body
        content = body if isinstance(body, bytes) else json.dumps(self._named(body)).encode()
        content = b"" if body is None else content
        headers = self._headers(mistake, content)
        return self._http.request(mistake.method, path, headers=headers, body=content)

    def snapshot(self) -> Any:
        """All that a request could change, here and elsewhere."""
        ports = self.ports
        return deepcopy(
            {
                "table": ports.store.dump(),
                "personal": ports.personal.dump(),
                "files": ports.files.content,
                "secrets": ports.secrets.values,
                "starts": ports.cpos.starts,
                "stops": ports.cpos.stops,
                "webhooks": ports.web.posted,
                "stream": list(ports.store.stream),
            }
        )

    def _headers(self, mistake: Mistake, content: bytes) -> dict[str, str]:
        headers: dict[str, str] = {}
        if mistake.path.startswith("/webhooks/"):
            age = 400 if mistake.who == "long ago" else 0
            secret = "whsec_other" if mistake.who == "somebody else" else WEBHOOK_SECRET
            headers = {**JSON, "Stripe-Signature": signature(content, secret, age)}
        else:
            side = "cpo" if mistake.path.startswith("/ocpi/") else "partner"
            headers = self.shown[mistake.who or side]
        return {name: text for name, text in (headers | mistake.headers).items() if text}

    def _named(self, body: Any) -> Any:
        if isinstance(body, str):
            return body.format(**self.names)
        if isinstance(body, dict):
            return {name: self._named(value) for name, value in body.items()}
        return [self._named(item) for item in body] if isinstance(body, list) else body

    def _key(self, method: PaymentMethod) -> str:
        return issue_key(self.ports, PARTNERS[method], scopes=ALL_SCOPES).text

    def _let_the_cpo_in(self) -> None:
        record = connection_record(self.ports, PEER)
        hash_ = token_hash(CPO_TOKEN)
        known = Put(keys.ocpi_token(hash_), {"peer_id": PEER})
        self.ports.store.write(record.put(replace(record.value, token_hash=hash_)), known)

    def _objects(self) -> dict[str, str]:
        """Made as partners and the CPO make them: through the handlers."""
        token = self._made("/v1/tokens", {"driver_reference": "driver 1"}, "key-1")
        endpoint = self._made("/v1/webhook-endpoints", {"url": "https://partner.example/hook"})
        billed = self.world.bill(self.world.charge())
        session = self.world.start()
        self._told("PUT", session_body(session.id, session.token_uid, 30))
        self._told("PATCH", {"kwh": 2, "last_updated": instant(40)})
        self.world.settle()
        events = self._http.get("/v1/events", headers=self.shown["partner"]).json_body["data"]
        return {
            "session": session.id,
            "billed": billed.id,
            "cdr": billed.cdr_id,
            "quote": session.quote_id,
            "token": token["id"],
            "endpoint": endpoint["id"],
            "event": events[0]["id"],
            "agreement": "agr_card",
        }

    def _made(self, path: str, body: Any, key: str = "") -> Any:
        headers = self.shown["partner"] | ({"Idempotency-Key": key} if key else {})
        answer = self._http.post(path, headers=headers, body=json.dumps(body).encode())
        assert answer.status_code == 201, answer.body
        return answer.json_body

    def _told(self, method: str, body: Any) -> None:
        path, content = "/ocpi/2.2.1/sessions/DE/RHE/S-1", json.dumps(body).encode()
        answer = self._http.request(method, path, headers=self.shown["cpo"], body=content)
        assert json.loads(answer.body)["status_code"] == 1000, answer.body


def signature(content: bytes, secret: str, age_s: int = 0) -> str:
    """As Stripe signs: these very bytes, and the second in which they were sent."""
    at = int(time.time()) - age_s
    mac = hmac.new(secret.encode(), b"%d.%b" % (at, content), sha256)
    return f"t={at},v1={mac.hexdigest()}"


def instant(minute: int) -> str:
    return f"2026-11-16T09:{minute:02}:00Z"


def cdr_body(reference: str, **changes: Any) -> dict[str, Any]:
    """The CDR of half an hour, 30 kWh at the world's tariff."""
    period = {
        "start_date_time": instant(20),
        "dimensions": [{"type": "ENERGY", "volume": 30}],
    }
    return {
        "country_code": "DE",
        "party_id": "RHE",
        "id": "C-1",
        "start_date_time": instant(20),
        "end_date_time": instant(50),
        "session_id": "S-1",
        "authorization_reference": reference,
        "cdr_token": {"uid": "card", "type": "APP_USER", "contract_id": "DE-PLG-card"},
        "auth_method": "COMMAND",
        "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1"},
        "currency": "EUR",
        "charging_periods": [period],
        "total_cost": {"excl_vat": 14.7, "incl_vat": 17.493},
        "total_energy": 30,
        "total_time": 0.5,
        "last_updated": instant(51),
        **changes,
    }


def session_body(reference: str, token_uid: str, minute: int) -> dict[str, Any]:
    token = {"country_code": "DE", "party_id": "PLG", "uid": token_uid, "type": "APP_USER"}
    return {
        "country_code": "DE",
        "party_id": "RHE",
        "id": "S-1",
        "start_date_time": instant(20),
        "kwh": 1,
        "cdr_token": {**token, "contract_id": "DE-PLG-card"},
        "auth_method": "COMMAND",
        "authorization_reference": reference,
        "location_id": "L1",
        "evse_uid": "E1",
        "connector_id": "1",
        "currency": "EUR",
        "status": "ACTIVE",
        "last_updated": instant(minute),
    }
