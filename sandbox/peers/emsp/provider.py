"""What does the simulated eMSP know: its tokens, what it was told, and what was wrong with that?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.peers.cpo.connection import Connection
from sandbox.peers.cpo.envelope import Refusal

Json = dict[str, Any]
_COMPLAINTS_MAX = 100
_CDR_TOKEN = ("country_code", "party_id", "uid", "type", "contract_id")
# What 2.2.1 requires of each object that is pushed (mod_sessions 9.3.1, mod_cdrs 10.3.1 …).
_REQUIRED = {
    "sessions": (
        *("country_code", "party_id", "id", "start_date_time", "kwh", "cdr_token", "auth_method"),
        *("location_id", "evse_uid", "connector_id", "currency", "status", "last_updated"),
    ),
    "cdrs": (
        *("country_code", "party_id", "id", "start_date_time", "end_date_time", "cdr_token"),
        *("auth_method", "cdr_location", "currency", "charging_periods", "total_cost"),
        *("total_energy", "total_time", "last_updated"),
    ),
    "locations": (
        *("country_code", "party_id", "id", "publish", "address", "city", "country"),
        *("coordinates", "time_zone", "last_updated"),
    ),
    "evses": ("uid", "status", "connectors", "last_updated"),
    "tariffs": ("country_code", "party_id", "id", "currency", "elements", "last_updated"),
    "hubclientinfo": ("country_code", "party_id", "role", "status", "last_updated"),
}


@dataclass
class Provider:
    """`kept` is what was pushed, by module and the path of its URL."""

    config: Mapping[str, Any]
    now: str = ""
    outage: int = 0
    connection: Connection = field(default_factory=Connection)
    tokens: dict[str, Json] = field(default_factory=dict)
    says: dict[str, Json] = field(default_factory=dict)  # AuthorizationInfo by uid
    asked: list[Json] = field(default_factory=list)
    kept: dict[str, dict[str, Json]] = field(default_factory=dict)
    results: list[Json] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.now or str(self.config["now"])

    @property
    def version(self) -> str:
        return str(self.config.get("version", "2.2.1"))

    @property
    def party(self) -> dict[str, str]:
        return {name: self.config[name] for name in ("country_code", "party_id")}

    def be_away_if_told(self) -> None:
        if self.outage > 0:
            self.outage -= 1
            raise Refusal(503, 3000, "told to be away")

    def complain(self, about: str) -> None:
        if about not in self.complaints and len(self.complaints) < _COMPLAINTS_MAX:
            self.complaints.append(about)

    def token(self, uid: str, **other: Any) -> Json:  # noqa: ANN401 - JSON
        """One of ours, made when first spoken of."""
        known = self.tokens.get(uid) or {
            **self.party,
            "uid": uid,
            "type": "RFID",
            "contract_id": f"{self.config['country_code']}-{self.config['party_id']}-C{uid}",
            "issuer": self.config["name"],
            "valid": True,
            "whitelist": "NEVER",
        }
        self.tokens[uid] = {**known, **other, "last_updated": self.now}
        return self.tokens[uid]

    def keep(self, module: str, path: str, body: Json) -> None:
        """What was told under a path, unless it is older than what was told before."""
        kind = "evses" if module == "locations" and path.count("/") > 2 else module
        for name in _REQUIRED[kind]:
            if body.get(name) is None:
                self.complain(f"{kind}: without {name}")
        if kind in {"sessions", "cdrs"}:
            self._check_driver(kind, body)
        self._check_money(kind, body)
        told = self.kept.setdefault(module, {})
        if path in told and body["last_updated"] < told[path]["last_updated"]:
            self.complain(f"{kind} {path}: told an older state after a newer one")
        told[path] = body

    def _check_driver(self, kind: str, body: Json) -> None:
        told = body.get("cdr_token") or {}
        ours = self.tokens.get(str(told.get("uid")), {})
        if any(told.get(name) != ours.get(name) for name in _CDR_TOKEN):
            self.complain(f"{kind}: charged with a token that is none of ours")

    def _check_money(self, kind: str, body: Json) -> None:
        taxed = self.version == "2.3.0"
        if kind == "tariffs" and ("tax_included" in body) is not taxed:
            self.complain(f"tariffs: tax_included in {self.version}")
        wanted = "before_taxes" if taxed else "excl_vat"
        for name, price in body.items():
            if name.startswith("total_") and isinstance(price, dict) and wanted not in price:
                self.complain(f"{kind}: {name} without {wanted}")
