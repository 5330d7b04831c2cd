"""How does one recorded session go through the channel? As a driver's would, step by step.

Between two steps nothing waits longer than the session itself needs: its item tells when all that
was caused has been done, so that nobody has to ask the whole stream (sandbox/market/drain.py).
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.effects import due
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.records import load
from sandbox.market.drain import drain
from sandbox.market.house import House
from sandbox.recorded.cast import SITE
from sandbox.recorded.rows import Recorded

BEGUN_AFTER = timedelta(seconds=1)  # what the simulated charger takes to answer a command
BILLED_AFTER = timedelta(seconds=30)  # what its operator takes to make a CDR
_STARTED = (
    SessionState.STARTING,
    SessionState.CHARGING,
    SessionState.ENDED,
    SessionState.BILLED,
)
_HEARS_S = 1
GONE = frozenset({SessionState.REFUSED, SessionState.ABANDONED})
_PATIENCE_S = 10
_PAUSE_S = 0.02
_CHARGER_PAUSE_S = 0.005  # it is asked at less cost than the table
_RESCUES_MAX = 3
_HTTP_GOOD = range(200, 300)
_OCPI_GOOD = range(1000, 2000)


@dataclass
class Replayed:
    """A row's way: its session, or the code of the refusal at which it ended."""

    row: Recorded
    session_id: str = ""
    refused: str = ""
    complaints: list[str] = field(default_factory=list)


class Street:
    """Where the recorded cars charge: the app that starts them, the charger, and the clock."""

    def __init__(self, house: House, key: str, plugs: Sequence[str], now: datetime) -> None:
        self.now = now
        self._house = house
        self._headers = {"Authorization": f"Bearer {key}"}
        (self._cpo,) = house.cpos.values()
        location = self._get("locations", latitude=SITE[2], longitude=SITE[3])["data"][0]
        self._location_id = str(location["id"])
        self._evses = dict(zip(plugs, location["evses"], strict=True))
        self._tokens = {plug: self._token(number) for number, plug in enumerate(plugs)}

    def move(self, at: datetime) -> None:
        """The clock goes on to an instant, never back."""
        if at > self.now:
            self.now = at
            self._house.set_clock(at)

    def arrive(self, way: Replayed) -> None:
        """Quote and start. The charger was told before how this visit went."""
        row, evse = way.row, self._evses[way.row.plug]
        answer = self._post("quotes", self._wish(row, evse))
        if "id" in answer:
            self._tell_charger(row, evse)
            body = {"quote_id": answer["id"], "token_id": self._tokens[row.plug]}
            answer = self._post("sessions", body, f"row-{row.id}")
        if "id" in answer:
            way.session_id = str(answer["id"])
        else:
            way.refused = str(answer["code"])

    def tick(self, ways: Iterable[Replayed]) -> None:
        """The charger sends what is due; what the channel did not take is noted."""
        by_reference = {way.session_id: way for way in ways}
        for sent in self._house.tell(self._cpo, "tick", now=instant_text(self.now))["sent"]:
            if sent["http"] not in _HTTP_GOOD or sent["status"] not in _OCPI_GOOD:
                said = f"{sent['kind']} of {sent['session']}: {sent['http']}, {sent['status']}"
                for way in by_reference.values():
                    way.complaints.append(said)

    def wait_for_commands(self, ways: Sequence[Replayed]) -> None:
        """Return when the charger has heard of the cars that came, or their starts were refused.

        The start is sent after the session's item has been written, so the item does not tell.
        """
        waiting = [way for way in ways if way.session_id]
        if not waiting or (len(waiting) == 1 and self._hears_within(self.now + BEGUN_AFTER)):
            return
        self.wait(waiting, *_STARTED)
        drain(self._house.ports, 1)

    def _hears_within(self, at: datetime) -> bool:
        """Whether the charger has something to send until an instant, soon enough."""
        deadline = time.monotonic() + _HEARS_S
        while time.monotonic() < deadline:
            due_at = self._house.http.get(f"{self._cpo.url}/sim/next").json()["next"]
            if due_at and datetime.fromisoformat(due_at) <= at:
                return True
            time.sleep(_CHARGER_PAUSE_S)
        return False

    def wait(self, ways: Collection[Replayed], *states: SessionState) -> None:
        """Return when each session is in one of the states, or gone, and its effects have run.

        One that does not get there is helped as the sweeper would; then it is left to settlement,
        which will hold it.
        """
        for way in ways:
            if way.session_id and not way.refused:
                self._wait(way, {*states, *GONE})

    def session(self, way: Replayed) -> Session:
        key = keys.session(way.session_id)
        return load(self._house.ports.store, key, Session, "session").value

    def _wait(self, way: Replayed, states: set[SessionState]) -> None:
        for _ in range(_RESCUES_MAX):
            if self._arrived(way, states):
                return
            self._sweep(self.session(way))
        if not self._arrived(way, states):
            way.complaints.append(f"stays {self.session(way).state.value}")

    def _arrived(self, way: Replayed, states: set[SessionState]) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            session = self.session(way)
            if session.state in states and not due(session, self.now):
                if session.state in GONE:
                    way.refused = session.reason
                return True
            time.sleep(_PAUSE_S)
        return False

    def _sweep(self, session: Session) -> None:
        """What the sweeper would do for this session alone, when its next effect is due."""
        if session.effects:
            self.move(min(effect.due for effect in session.effects))
        run_owner(self._house.ports, keys.session(session.id).pk)

    def _wish(self, row: Recorded, evse: dict[str, Any]) -> dict[str, Any]:
        return {
            "location_id": self._location_id,
            "evse_uid": evse["uid"],
            "connector_id": evse["connectors"][0]["id"],
            "energy_kwh": _kwh(row),
            "duration_s": row.seconds,
        }

    def _tell_charger(self, row: Recorded, evse: dict[str, Any]) -> None:
        self._house.tell(
            self._cpo,
            "plan",
            evse_uid=evse["uid"],
            start=instant_text(row.arrival),
            energy_kwh=_kwh(row),
            duration_s=row.seconds,
            quiet=True,
        )

    def _token(self, number: int) -> str:
        """Recordings name no driver: each plug has a regular."""
        asked = {"driver_reference": f"regular-{number}", "payment_source": "pm_card_visa"}
        return str(self._post("tokens", asked)["id"])

    def _get(self, what: str, **query: str) -> dict[str, Any]:
        url = f"{self._house.url}/v1/{what}"
        answer = self._house.http.get(url, params=query, headers=self._headers)
        answer.raise_for_status()
        return dict(answer.json())

    def _post(self, what: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        """The answer: an object with `id`, or a problem with `code`."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        url = f"{self._house.url}/v1/{what}"
        answer = self._house.http.post(url, json=body, headers=headers)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeError(f"POST {url}: {answer.status_code} {answer.text}")
        return dict(answer.json())


def _kwh(row: Recorded) -> str:
    return f"{row.energy_wh // 1000}.{row.energy_wh % 1000:03d}"
