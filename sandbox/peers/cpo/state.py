"""What does the simulated CPO know at this moment? Its network, peer, plans and visits."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.peers.cpo import network, objects, visit
from sandbox.peers.cpo.connection import Connection
from sandbox.peers.cpo.envelope import Refusal
from sandbox.peers.cpo.journal import Journal
from sandbox.peers.cpo.plan import Fault, Plans
from sandbox.peers.cpo.schedule import Message, cdr_made_at, schedule
from sandbox.peers.cpo.visit import Visit
from sandbox.peers.serving import epoch, instant

_COMPLAINTS_MAX = 200


class Operator:
    """All state. Whatever changes it writes the journal too, so that a restart loses nothing."""

    def __init__(self, config: Mapping[str, Any], journal: Path | None = None) -> None:
        self.config = config
        self.now = epoch(config["now"])
        self.network = network.build(config, config["now"])
        self.connection = Connection(token_a=config.get("token_a", ""))
        self.versions = tuple(config.get("versions", ("2.2.1",)))  # the best one first
        self.plans = Plans()
        self.tokens: dict[str, Mapping[str, Any]] = {}
        self.visits: dict[str, Visit] = {}
        self.sent: dict[str, int] = {}
        self.cdr_urls: dict[str, str] = {}  # session → where the eMSP says that its CDR is
        self.complaints: list[str] = []
        self.outage = 0  # how many of the next OCPI requests find nobody at home
        self.reservations: dict[str, Mapping[str, str]] = {}
        self.results: list[tuple[str, str]] = []  # of commands without a session: URL and result
        self._cdrs: dict[str, Mapping[str, Any]] = {}
        self._schedules: dict[str, list[Message]] = {}
        self._due: list[tuple[int, str]] = []
        self._present: dict[tuple[str, str], str] = {}  # (location, EVSE) → its latest session
        self._journal = Journal(journal)
        for kind, body in self._journal.read():
            self._recall(kind, body)
        for name in self.visits:
            self._plan_next(name)

    def now_text(self) -> str:
        return instant(self.now)

    def advance(self, now: int) -> None:
        """Time moves forward only."""
        if now > self.now:
            self.now = now
            self._journal.append("now", now)

    def complain(self, about: str) -> None:
        """What a peer did against OCPI, though it was understood; tests want none of it."""
        if about not in self.complaints and len(self.complaints) < _COMPLAINTS_MAX:
            self.complaints.append(about)

    def be_away_if_told(self) -> None:
        if self.outage > 0:
            self.outage -= 1
            raise Refusal(503, 3000, "told to be away")

    def later(self, url: str, result: str) -> None:
        """The charger's answer, sent with the next tick."""
        self.results.append((url, result))

    def connect(self, connection: Connection) -> None:
        self.connection = connection
        self._journal.append("connection", asdict(connection))

    def plan(self, body: Mapping[str, Any]) -> None:
        self.plans.add(body)
        self._journal.append("plan", body)

    def publish(self, tariff: Mapping[str, Any]) -> Mapping[str, Any]:
        published = self.network.publish(tariff, self.now_text())
        self._journal.append("tariff", published)
        return published

    def set_status(self, location_id: str, evse_uid: str, status: str) -> None:
        self.network.statuses[location_id, evse_uid] = (status, self.now_text())
        self._journal.append("status", [location_id, evse_uid, status, self.now_text()])

    def keep_token(self, token: Mapping[str, Any]) -> None:
        self.tokens[token["uid"].lower()] = token
        self._journal.append("token", token)

    def begin(self, names: Mapping[str, str], connector_w: int, **known: Any) -> Visit:  # noqa: ANN401 - the fields of Visit
        """Decide a visit by the plan that fits its names."""
        started = visit.begin(
            len(self.visits) + 1,
            self.plans.take(names),
            connector_w,
            int(self.config.get("start_after_s", 5)),
            commanded_at=self.now,
            **known,
        )
        self._journal.append("taken", names)
        self._keep(started)
        return started

    def stop(self, stopping: Visit, response_url: str) -> None:
        after_s = int(self.config.get("stop_after_s", 2))
        self._keep(stopping.stopped(visit.Stop(self.now, response_url), after_s))

    def occupied(self, location_id: str, evse_uid: str) -> bool:
        name = self._present.get((location_id, evse_uid))
        return name is not None and self.visits[name].occupies(self.now)

    def statuses(self) -> network.Statuses:
        """CHARGING where a car stands, AVAILABLE where one has left."""
        found: network.Statuses = {}
        for place, name in self._present.items():
            charge = self.visits[name].charge
            if charge.start <= self.now:
                busy = self.now < charge.end
                since = charge.start if busy else charge.end
                found[place] = ("CHARGING" if busy else "AVAILABLE", instant(since))
        return found

    def cdr(self, name: str) -> Mapping[str, Any] | None:
        """The session's CDR once it has come into being, the same for ever after."""
        made_at = cdr_made_at(self.visits[name])
        if made_at is None or made_at > self.now:
            return None
        if name not in self._cdrs:
            self._cdrs[name] = objects.cdr(self.visits[name])
        return self._cdrs[name]

    def pullable_cdrs(self) -> Iterator[tuple[Visit, Mapping[str, Any]]]:
        """Every CDR that a GET may see, with its visit."""
        for name, seen in self.visits.items():
            cdr = self.cdr(name)
            if cdr is not None and not seen.has(Fault.CDR_WITHHELD):
                yield seen, cdr

    def next_due(self) -> int | None:
        """When the next message is due."""
        while self._due:
            at, name = self._due[0]
            message = self.next_message(name)
            if message is not None and message.at == at:
                return at
            heapq.heappop(self._due)  # a stop has changed the visit since
        return None

    def pop_due(self) -> str | None:
        """The session whose message is due first, if one is due by now."""
        at = self.next_due()
        return heapq.heappop(self._due)[1] if at is not None and at <= self.now else None

    def next_message(self, name: str) -> Message | None:
        told, done = self._schedules[name], self.sent.get(name, 0)
        return told[done] if done < len(told) else None

    def mark_sent(self, name: str) -> None:
        self.sent[name] = self.sent.get(name, 0) + 1
        self._journal.append("sent", [name, self.sent[name]])
        self._plan_next(name)

    def close(self) -> None:
        self._journal.close()

    def _keep(self, kept: Visit) -> None:
        self._journal.append("visit", visit.to_json(kept))
        self._recall_visit(kept)
        self._plan_next(objects.session_id(kept))

    def _recall_visit(self, kept: Visit) -> None:
        name = objects.session_id(kept)
        self.visits[name] = kept
        self._schedules[name] = schedule(kept)
        if kept.begins and kept.plan.start is None:
            self._present[kept.place["id"], kept.place["evse_uid"]] = name

    def _plan_next(self, name: str) -> None:
        message = self.next_message(name)
        if message is not None:
            heapq.heappush(self._due, (message.at, name))

    def _recall(self, kind: str, body: Any) -> None:  # noqa: ANN401 - JSON
        """Apply one line of the journal."""
        match kind:
            case "now":
                self.now = body
            case "connection":
                self.connection = Connection(**body)
            case "plan":
                self.plans.add(body)
            case "taken":
                self.plans.take(body)
            case "tariff":
                self.network.publish(body, self.now_text())
            case "status":
                self.network.statuses[body[0], body[1]] = (body[2], body[3])
            case "token":
                self.tokens[body["uid"].lower()] = body
            case "visit":
                self._recall_visit(visit.from_json(body))
            case "sent":
                self.sent[body[0]] = body[1]
            case _:
                raise AssertionError(f"the journal holds an unknown kind: {kind}")
