"""What does a CPO do that is asked for more than a charge: to keep a charger, to free a cable?

A charger keeps free for one driver at a time. What becomes of a command comes later, to the
`response_url` that it names, and may go astray as every push.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.session.preferences import Preferences
from chalicelib.ports.cpo import (
    CommandAnswer,
    CpoRefused,
    CpoUnavailable,
    ReserveCommand,
    UnlockCommand,
)
from sandbox.memory.cpo import MemoryCpo
from sandbox.simulation.market import Place
from sandbox.simulation.post import Post

_NO_SUCH_OBJECT = 2000
Push = Callable[[Place, Any], None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How it deals with a command: its answer, its charger's result ("": none comes) and to the
    cancellation.

    `takes_back_min`: after which it needs the charger itself. `arrives_s`: a RESERVE_NOW is under
    way for so long that we have given it up.
    """

    answer: str = "ACCEPTED"
    result: str = "ACCEPTED"
    cancels: str = "ACCEPTED"
    after_s: int = 20
    takes_back_min: int = 0
    arrives_s: int = 0


@dataclass
class Said:
    """What is posted to a command's `response_url`. `heard`: when we have taken it."""

    command: str
    about: str
    nonce: str
    result: str
    heard: datetime | None = None


@dataclass
class AskedCpo(MemoryCpo):
    """`manners`: by reservation (`<id>`, or `<id>/<nonce>` of one command) or by session.

    The lists are its own record: each command as it came, when, and how a cable's was answered.
    """

    place: Place = field(kw_only=True)
    post: Post = field(kw_only=True)
    push: Push = field(kw_only=True)
    manners: dict[str, Manner] = field(default_factory=dict)
    reserves: list[tuple[datetime, ReserveCommand]] = field(default_factory=list)
    late: set[str] = field(default_factory=set)  # commands that we have given up once
    kept: set[str] = field(default_factory=set)  # what it was asked to free, and did not
    unlocks: list[tuple[datetime, UnlockCommand, str]] = field(default_factory=list)
    wishes: list[tuple[datetime, str, Preferences]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def reserve(self, connection: Connection, command: ReserveCommand) -> CommandAnswer:
        manner = self._manner(command.response_url)
        if manner.arrives_s and command.response_url not in self.late:
            self.late.add(command.response_url)
            comes = partial(self._reserve, connection, command, manner)
            self.post.send("charger", comes, after_s=manner.arrives_s)
            raise CpoUnavailable("it is still under way")
        return self._reserve(connection, command, manner)

    def _reserve(
        self, connection: Connection, command: ReserveCommand, manner: Manner
    ) -> CommandAnswer:
        id_, now = command.reservation_id, self.post.now()
        self.reserves.append((now, command))
        known = self.reserved.get(id_)
        if known is not None and known.until <= now:
            del self.reserved[id_]  # it has lapsed
        if manner.answer != "ACCEPTED":
            return CommandAnswer(manner.answer)
        result = "OCCUPIED" if self._others(command, now) else manner.result
        if result == "ACCEPTED":
            self.answer = CommandAnswer.ACCEPTED  # a start's, which the last driver left
            super().reserve(connection, command)
            if manner.takes_back_min:
                wait = manner.takes_back_min * 60
                self.post.send("charger", partial(self._take_back, command), after_s=wait)
        self._say(command.response_url, result, manner.after_s)
        return CommandAnswer.ACCEPTED

    def cancel_reservation(
        self, connection: Connection, reservation_id: str, response_url: str, owner: str = ""
    ) -> CommandAnswer:
        self.cancels = CommandAnswer(self._manner(response_url).cancels)
        if self.cancels is not CommandAnswer.ACCEPTED:
            self.kept.add(reservation_id)
            return self.cancels
        return super().cancel_reservation(connection, reservation_id, response_url, owner)

    def unlock(self, connection: Connection, command: UnlockCommand) -> CommandAnswer:
        manner = self._manner(command.response_url)
        self.answer = CommandAnswer(manner.answer)
        self.unlocks.append((self.post.now(), command, manner.answer))
        if self.answer is CommandAnswer.ACCEPTED:
            self._say(command.response_url, manner.result, manner.after_s)
        return super().unlock(connection, command)

    def prefer(
        self,
        connection: Connection,
        charger_session_id: str,
        preferences: Preferences,
        owner: str = "",
    ) -> str:
        self.wishes.append((self.post.now(), charger_session_id, preferences))
        if all(report.id != charger_session_id for report in self.reports):
            raise CpoRefused(_NO_SUCH_OBJECT, "no such session")
        super().prefer(connection, charger_session_id, preferences, owner)
        return self.manners.get(charger_session_id, Manner()).answer

    def _manner(self, url: str) -> Manner:
        _, about, nonce = _named(url)
        default = self.manners.get(about, Manner())
        return self.manners.get(f"{about}/{nonce}", default)

    def _others(self, command: ReserveCommand, now: datetime) -> bool:
        """Whether it is kept for somebody else; a reservation lapses by itself."""
        return any(
            other.evse_uid == command.evse_uid and now < other.until
            for id_, other in self.reserved.items()
            if id_ != command.reservation_id
        )

    def _take_back(self, command: ReserveCommand) -> None:
        if self.reserved.get(command.reservation_id) is command:
            del self.reserved[command.reservation_id]
            self._say(command.response_url, "CANCELED_RESERVATION", 0)

    def _say(self, url: str, result: str, after_s: int) -> None:
        if result:
            said = Said(*_named(url), result)
            self.said.append(said)
            self.post.send("charger", lambda: self.push(self.place, said), after_s=after_s)


def _named(url: str) -> tuple[str, str, str]:
    """A command, what it is about, and which one it is."""
    command, about, nonce = url.split("/")[-3:]
    return command, about, nonce
