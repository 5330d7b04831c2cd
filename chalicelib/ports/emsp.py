"""What do we tell an eMSP for whose drivers we are the CPO, and what do we ask it?"""

from datetime import datetime
from typing import Protocol

from chalicelib.domain.connection.client_info import ClientInfo
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.card import Answer, AtCharger
from chalicelib.domain.hub.offered import Offered, OfferedTariff
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession
from chalicelib.domain.hub.token import EmspToken
from chalicelib.ports.cpo import Pulled


class Emsps(Protocol):
    """Every call may raise ports.cpo's CpoUnavailable or CpoRefused: of a peer, whoever it is.

    An eMSP without the endpoint is told nothing: it reads.
    """

    def put_session(self, connection: Connection, session: ToldSession) -> None: ...

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None: ...

    def authorize(self, connection: Connection, token: EmspToken, where: AtCharger) -> Answer:
        """Whether its driver may charge there, asked in real time; CpoUnavailable without the
        endpoint. Takes seconds at most: the driver waits at the charger.
        """

    def put_location(self, connection: Connection, told: Offered, evse_uid: str) -> None:
        """The location, or one EVSE of it."""

    def put_tariff(self, connection: Connection, told: OfferedTariff, raw: str) -> None:
        """The tariff; where its version of OCPI cannot say it, that it is there no more."""

    def delete_tariff(self, connection: Connection, identity: str, tariff_id: str) -> None: ...

    def tokens(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        """What it lists of its drivers' tokens; Received.value is an EmspToken."""

    def put_client_info(self, connection: Connection, info: ClientInfo) -> None: ...

    def post_result(
        self, connection: Connection, identity: str, emsp: str, result: CommandResult
    ) -> None:
        """From a CPO to an eMSP, each by its `CC*PID`, to the URL that the command named; never
        inside our own network.
        """
