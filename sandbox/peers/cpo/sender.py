"""How does a message of the schedule reach the eMSP, and what if the eMSP does not take it?"""

from dataclasses import dataclass
from typing import Any

from sandbox.peers.cpo import objects
from sandbox.peers.cpo.connection import Answer, Caller
from sandbox.peers.cpo.schedule import Kind, Message
from sandbox.peers.cpo.state import Operator
from sandbox.peers.cpo.visit import Visit
from sandbox.peers.cpo.wire import written
from sandbox.peers.serving import instant

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of a tick's answer. `http` 0: nothing came back, or nobody is connected."""

    at: int
    session: str
    kind: str
    http: int
    status: int

    def to_json(self) -> Json:
        return {
            "at": instant(self.at),
            "session": self.session,
            "kind": self.kind,
            "http": self.http,
            "status": self.status,
        }


async def send_next(operator: Operator, caller: Caller, name: str) -> list[Sent]:
    """Send the session's next message once; OCPI queues and repeats nothing."""
    message = operator.next_message(name)
    assert message is not None, "asked to send where nothing is left"
    visit = operator.visits[name]
    # Marked first: a crash in between loses the message, which is what a real network does too.
    operator.mark_sent(name)
    if not operator.connection.registered:
        return [Sent(message.at, name, message.kind, 0, 0)]
    answer = await _send(operator, caller, visit, message)
    told = [Sent(message.at, name, message.kind, answer.http, answer.status)]
    if message.kind is Kind.CDR and answer.good:
        _remember_cdr(operator, name, answer)
    if message.kind in {Kind.PATCH, Kind.COMPLETED} and answer.http and not answer.good:
        told += await _repair(operator, caller, visit, message)
    return told


async def send_result(operator: Operator, caller: Caller) -> Sent:
    """A charger's answer to a command that is about no session."""
    url, result = operator.results.pop(0)
    answer = await caller.functional(operator.connection, "POST", url, {"result": result})
    return Sent(operator.now, "", "command_result", answer.http, answer.status)


async def _send(operator: Operator, caller: Caller, visit: Visit, message: Message) -> Answer:
    method, url, body = _request(operator, visit, message)
    version = operator.connection.version
    if module := _MODULE.get(message.kind):
        # A PATCH tells only what is new: the place is known since the PUT.
        whole = method != "PATCH"
        place = objects.site(visit, operator.network) if whole else None
        body = written(version, module, body, place)
    return await caller.functional(operator.connection, method, url, body)


_MODULE = {
    Kind.PUT: "sessions",
    Kind.PATCH: "sessions",
    Kind.COMPLETED: "sessions",
    Kind.CDR: "cdrs",
}


def _request(operator: Operator, visit: Visit, message: Message) -> tuple[str, str, Json]:
    match message.kind:
        case Kind.START_RESULT | Kind.STOP_RESULT:
            return "POST", message.url, {"result": message.result}
        case Kind.PUT:
            return "PUT", _session_url(operator, visit), _whole(visit, message)
        case Kind.PATCH | Kind.COMPLETED:
            return "PATCH", _session_url(operator, visit), objects.patch(visit, message)
        case Kind.CDR:
            cdr = operator.cdr(objects.session_id(visit))
            assert cdr is not None, "a CDR is sent when it has come into being"
            return "POST", operator.connection.endpoints["cdrs.RECEIVER"], dict(cdr)


async def _repair(operator: Operator, caller: Caller, visit: Visit, message: Message) -> list[Sent]:
    """After a refused PATCH: GET, and PUT the whole session where it is missing."""
    url = _session_url(operator, visit)
    got = await caller.functional(operator.connection, "GET", url)
    name = objects.session_id(visit)
    told = [Sent(message.at, name, "get", got.http, got.status)]
    if got.http and not (got.good and got.data):
        place = objects.site(visit, operator.network)
        body = written(operator.connection.version, "sessions", _whole(visit, message), place)
        put = await caller.functional(operator.connection, "PUT", url, body)
        told.append(Sent(message.at, name, "put", put.http, put.status))
    return told


def _whole(visit: Visit, message: Message) -> Json:
    body = objects.session(visit, message.as_of)
    assert body is not None, "a session that is told of exists"
    return body


def _session_url(operator: Operator, visit: Visit) -> str:
    base = operator.connection.endpoints["sessions.RECEIVER"]
    party = f"{visit.place['country_code']}/{visit.place['party_id']}"
    return f"{base.rstrip('/')}/{party}/{objects.session_id(visit)}"


def _remember_cdr(operator: Operator, name: str, answer: Answer) -> None:
    url = answer.headers.get("Location", "")
    if not url:
        operator.complain("POST cdrs: answered without Location")
    operator.cdr_urls[name] = url
