"""What do we tell an eMSP for whose drivers we are the CPO? Sessions, CDRs, results of commands."""

from typing import Protocol

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession


class Emsps(Protocol):
    """Every call may raise ports.cpo's CpoUnavailable or CpoRefused: of a peer, whoever it is.

    An eMSP without the endpoint is told nothing: it reads.
    """

    def put_session(self, connection: Connection, session: ToldSession) -> None: ...

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None: ...

    def post_result(
        self, connection: Connection, session: ToldSession, result: CommandResult
    ) -> None:
        """To the URL that the command named; never inside our own network."""
