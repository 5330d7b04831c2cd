"""What is so at a CPO, whatever arrives elsewhere, and how does it tell it in its version of OCPI?

The truth is JSON in 2.2.1's form; the simulated CPO's writers turn it into the version's own.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.codec import instant_text
from chalicelib.ocpi.envelope.body import dump
from sandbox.memory.ports import START
from sandbox.peers.cpo.wire import written

HOST = "https://cpo.example"
MODULES = ("locations", "tariffs", "sessions", "cdrs")
PAGE = 2
_ENDED = "cdrs"
Json = dict[str, Any]
Push = tuple[str, str, Json]


@dataclass(frozen=True)
class Manner:
    """How a CPO speaks. `echoes`: our authorization_reference, in what it tells of a session.

    `dated`: its PATCHes tell `last_updated`, which 2.1.1 alone leaves open.
    """

    version: str = "2.2.1"
    echoes: bool = True
    dated: bool = True


@dataclass
class TrueCpo:
    """What is so, by module and id. Each change is also a push: (method, path, body)."""

    manner: Manner = Manner()
    known: dict[str, dict[str, Json]] = field(default_factory=lambda: {m: {} for m in MODULES})
    now: datetime = START

    def told(self, module: str, value: Json) -> Push:
        """A whole object, as it is from now on."""
        whole = {"country_code": "DE", "party_id": "RHE", **value, "last_updated": self._at()}
        self.known[module][whole["id"]] = whole
        if module == _ENDED:
            return "POST", self._path(module), self._written(module, whole)
        return "PUT", self._path(module, "DE/RHE", whole["id"]), self._written(module, whole)

    def changed(
        self, module: str, id_: str, change: Json, periods: list[Json] | None = None
    ) -> Push:
        """Some members; `periods` are appended."""
        change = {**change, "last_updated": self._at()}
        value = self.known[module][id_]
        value.update(deepcopy(change))
        if periods:
            value["charging_periods"] = [*value.get("charging_periods", ()), *deepcopy(periods)]
            change["charging_periods"] = periods
        told = written(self.manner.version, module, change)
        return "PATCH", self._path(module, "DE/RHE", id_), self._dated(told)

    def evse_status(self, location_id: str, uid: str, status: str) -> Push:
        value, at = self.known["locations"][location_id], self._at()
        for evse in value["evses"]:
            if evse["uid"] == uid:
                evse.update({"status": status, "last_updated": at})
        value["last_updated"] = at
        path = self._path("locations", "DE/RHE", location_id, uid)
        return "PATCH", path, self._dated({"status": status, "last_updated": at})

    def withdrawn(self, tariff_id: str) -> Push:
        self.known["tariffs"].pop(tariff_id, None)
        return "DELETE", self._path("tariffs", "DE/RHE", tariff_id), {}

    def call(self, _method: str, url: str, _headers: Json, _body: Json | None) -> Answer:
        """The client's GET of a page, newest objects first: no order is promised."""
        split = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        since, until = query.get("date_from", ""), query.get("date_to", "~")
        module = split.path.strip("/")
        known = reversed(self.known[module].values())
        found = [value for value in known if since <= value["last_updated"] < until]
        found.sort(key=lambda value: str(value["last_updated"]), reverse=True)
        offset = int(query.get("offset", "0"))
        data = [self._written(module, value) for value in found[offset : offset + PAGE]]
        body = dump({"status_code": 1000, "timestamp": self._at(), "data": data}).encode()
        rest = {**query, "offset": str(offset + PAGE)}
        link = "&".join(f"{name}={value}" for name, value in rest.items())
        more = f'<{HOST}/{module}?{link}>; rel="next"' if offset + PAGE < len(found) else ""
        return Answer(body, more, str(len(found)))

    def _written(self, module: str, value: Mapping[str, Any]) -> Json:
        return deepcopy(written(self.manner.version, module, value, self._used(value)))

    def _used(self, value: Mapping[str, Any]) -> Json | None:
        """The location of a session or CDR, with the one EVSE and connector that were used."""
        used = value.get("cdr_location", value)
        place = self.known["locations"].get(used.get("location_id", used.get("id")))
        if place is None or "cdr_token" not in value:
            return None
        return {**place, "evses": [one for one in place["evses"] if one["uid"] == used["evse_uid"]]}

    def _dated(self, change: Json) -> Json:
        if not self.manner.dated:
            del change["last_updated"]
        return change

    def _path(self, *parts: str) -> str:
        return "/".join(("/ocpi", self.manner.version, *parts))

    def _at(self) -> str:
        return instant_text(self.now)
