"""How is one request answered? Key, operation, time, idempotency, fault, in Stripe's order."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.peers.provider import sim
from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.events import answered
from sandbox.peers.provider.faults import TRANSPORT, taken
from sandbox.peers.provider.form import check_names, parse
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.operations import Operation, find
from sandbox.peers.provider.refusals import Refused, Thing, invalid, key_reused
from sandbox.peers.provider.render import expanded, whole

KEY_LIFE = DAY


@dataclass(frozen=True, slots=True)
class Request:
    """`text` is the form, or the query of a GET. `account` is the Stripe-Account header."""

    method: str
    path: str
    text: str = ""
    account: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`cut`: the connection ends before the answer has gone out."""

    status: int
    body: bytes
    replayed: bool = False
    cut: bool = False


_TEMPORARY = {
    "error_503": (503, "The service is temporarily unavailable. Please retry."),
    "rate_limited": (429, "Request rate limit exceeded."),
    "error_500_after": (500, "An unknown error occurred."),
}


class Provider:
    """The books, and the one door to them: every command is journalled, then carried out."""

    def __init__(self, config: Config, journal: Journal, public_url: str = "") -> None:
        self.books = Books(config, public_url)
        self._keys: dict[tuple[str, str], tuple[str, Answer]] = {}
        self._journal = Journal(None)
        for command in journal.commands():
            self._again(*command)
        self._journal = journal

    def _again(self, name: str, *said: Any) -> None:  # noqa: ANN401 - what was journalled
        match name:
            case "now":
                self.tell_time(*said)
            case "call":
                self.answer(Request(*said))
            case "sim":
                self.control(*said)
            case "told":
                self.told(*said)
            case _:
                raise AssertionError(f"the journal says {name!r}")

    def tell_time(self, now: int) -> None:
        """Time never goes back; what falls due meanwhile happens."""
        if now > self.books.now:
            self._journal.write("now", now)
            self.books.advance(now)

    def told(self, number: int, status: int) -> None:
        """How a delivery was answered."""
        self._journal.write("told", number, status)
        answered(self.books, number, status)

    def control(self, name: str, said: Thing) -> Thing:
        """What the market wants of the provider, or Refused."""
        self._journal.write("sim", name, said)
        return sim.control(self.books, name, said)

    def answer(self, request: Request) -> Answer:
        """The answer to an API request; a refusal is an answer too."""
        if request.method == "POST":
            self._journal.write(
                "call", request.method, request.path, request.text, request.account, request.key
            )
        try:
            return self._answered(request)
        except Refused as refused:
            return _refusal(refused)

    def _answered(self, request: Request) -> Answer:
        operation, id_ = find(request.method, request.path)
        if request.account:
            self._check_account(operation, request.account)
        if request.method == "GET":
            return self._carry_out(operation, id_, request)
        known = self._keys.get((request.account, request.key))
        if known is not None:
            return _again(known, request)
        fault = taken(self.books, operation.name, TRANSPORT, f"{request}")
        kind = fault["kind"] if fault else ""
        if kind in {"timeout_before", "error_503", "rate_limited"}:
            return _temporary(kind)
        answer = self._carry_out(operation, id_, request)
        if kind == "error_500_after":
            answer = _temporary(kind)
        self._remember(request, answer)
        return Answer(200, b"", cut=True) if kind == "timeout_after" else answer

    def _check_account(self, operation: Operation, account: str) -> None:
        if operation.ours_only or account not in self.books.things["account", ""]:
            raise invalid(
                f"The provided key does not have access to account '{account}' (or that account"
                " does not exist). Application access may have been revoked.",
                "account_invalid",
                status=403,
            )

    def _carry_out(self, operation: Operation, id_: str, request: Request) -> Answer:
        """Refusals of parameters pass through; those of execution are remembered by the key."""
        params = parse(request.text)
        check_names(params, operation.params)
        if "limit" in params:
            whole(params["limit"], "limit")
        paths = [] if operation.whole else params.pop("expand", [])
        try:
            thing = operation.act(self.books, id_, params, request.account)
        except Refused as refused:
            if not refused.saved:
                raise
            return _refusal(refused)
        if not operation.whole:
            thing = expanded(self.books, thing, paths, request.account)
        return Answer(200, json.dumps(thing, separators=(",", ":")).encode())

    def _remember(self, request: Request, answer: Answer) -> None:
        if request.key:
            name = (request.account, request.key)
            self._keys[name] = (f"{request.path}?{request.text}", answer)
            self.books.at(self.books.now + KEY_LIFE, partial(self._forget, name))

    def _forget(self, name: tuple[str, str]) -> None:
        del self._keys[name]


def _again(known: tuple[str, Answer], request: Request) -> Answer:
    path, _, text = known[0].partition("?")
    if path != request.path:
        raise key_reused(
            "Keys for idempotent requests can only be used for the same endpoint they were first"
            f" used for ('{path}' vs '{request.path}'). Try using a key other than"
            f" '{request.key}' if you meant to execute a different request."
        )
    if text != request.text:
        raise key_reused(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{request.key}' if you meant to"
            " execute a different request."
        )
    return Answer(known[1].status, known[1].body, replayed=True)


def _refusal(refused: Refused) -> Answer:
    return Answer(refused.status, json.dumps({"error": refused.error}).encode())


def _temporary(kind: str) -> Answer:
    if kind == "timeout_before":
        return Answer(200, b"", cut=True)
    status, message = _TEMPORARY[kind]
    return Answer(status, json.dumps({"error": {"type": "api_error", "message": message}}).encode())
