"""A CPO in memory: says what a test lets it say, and remembers what it was asked."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.session.charged import ReceivedCdr, ReportedSession
from chalicelib.domain.token.token import Token
from chalicelib.ports.cpo import (
    CommandAnswer,
    CpoUnavailable,
    Peer,
    Pulled,
    Received,
    StartCommand,
)


@dataclass
class MemoryCpo:
    """`down` makes every call fail; `loses_answer` lets a start arrive and its answer be lost."""

    answer: CommandAnswer = CommandAnswer.ACCEPTED
    down: bool = False
    loses_answer: bool = False
    starts: list[StartCommand] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    reports: list[ReportedSession] = field(default_factory=list)
    finished: list[ReceivedCdr] = field(default_factory=list)
    network: list[Received] = field(default_factory=list)
    prices: list[Received] = field(default_factory=list)

    def _reach(self) -> None:
        if self.down:
            raise CpoUnavailable("the CPO does not answer")

    def discover(self, versions_url: str, token: str, *, raw_token: bool = False) -> Peer:
        assert versions_url and token and not raw_token  # noqa: PT018 - one shape
        self._reach()
        return Peer("2.2.1", {})

    def register(
        self, peer: Peer, token: str, ours: dict[str, Any], *, raw_token: bool = False
    ) -> dict[str, Any]:
        assert peer.version == "2.2.1" and token and not raw_token  # noqa: PT018
        self._reach()
        return {"token": "theirs", "url": ours["url"], "identities": []}

    def locations(self, connection: Connection, since: datetime | None) -> Pulled:
        assert connection.id or since
        self._reach()
        return Pulled(tuple(self.network))

    def tariffs(self, connection: Connection, since: datetime | None) -> Pulled:
        assert connection.id or since
        self._reach()
        return Pulled(tuple(self.prices))

    def sessions(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        assert connection.id
        self._reach()
        found = [r for r in self.reports if since <= r.last_updated < until]
        return Pulled(tuple(Received(report, "{}") for report in found))

    def cdrs(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        assert connection.id
        self._reach()
        found = [c for c in self.finished if since <= c.last_updated < until]
        return Pulled(tuple(Received(cdr, f'{{"id":"{cdr.id}"}}') for cdr in found))

    def push_token(self, connection: Connection, token: Token) -> None:
        assert connection.id and token.uid  # noqa: PT018
        self._reach()

    def start_session(self, connection: Connection, command: StartCommand) -> CommandAnswer:
        assert connection.id
        self._reach()
        self.starts.append(command)
        if self.loses_answer:
            raise CpoUnavailable("the answer was lost")
        return self.answer

    def stop_session(
        self, connection: Connection, charger_session_id: str, response_url: str
    ) -> CommandAnswer:
        assert connection.id and response_url  # noqa: PT018
        self._reach()
        self.stops.append(charger_session_id)
        return CommandAnswer.ACCEPTED
