"""An eMSP in memory: it keeps what it is told, unless it is `down` or `refuses`."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.connection.client_info import ClientInfo
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.card import Answer, AtCharger
from chalicelib.domain.hub.offered import Offered, OfferedTariff
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.token.authorization import Allowed
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Pulled, Received

_INVALID = 2001


@dataclass
class MemoryEmsp:
    down: bool = False
    refuses: bool = False
    sessions: list[ToldSession] = field(default_factory=list)
    cdrs: list[ToldCdr] = field(default_factory=list)
    results: list[CommandResult] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)  # location, EVSE
    prices: list[tuple[str, str]] = field(default_factory=list)  # method, tariff
    parties: list[ClientInfo] = field(default_factory=list)
    drivers: list[EmspToken] = field(default_factory=list)  # whose tokens it lists
    asked: list[tuple[EmspToken, AtCharger]] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: Answer(Allowed.ALLOWED))

    def put_session(self, connection: Connection, session: ToldSession) -> None:
        self._reach(connection)
        self.sessions.append(session)

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None:
        self._reach(connection)
        self.cdrs.append(cdr)

    def authorize(self, connection: Connection, token: EmspToken, where: AtCharger) -> Answer:
        self._reach(connection)
        self.asked.append((token, where))
        return self.answer

    def put_location(self, connection: Connection, told: Offered, evse_uid: str) -> None:
        self._reach(connection)
        self.places.append((told.location.id, evse_uid))

    def put_tariff(self, connection: Connection, told: OfferedTariff, raw: str) -> None:
        self._reach(connection)
        assert raw, "it was published"
        self.prices.append(("PUT", told.tariff.id))

    def delete_tariff(self, connection: Connection, identity: str, tariff_id: str) -> None:
        self._reach(connection)
        assert identity, "it is some CPO's"
        self.prices.append(("DELETE", tariff_id))

    def tokens(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        self._reach(connection)
        assert not rest, "its list fits one pull"
        new = [one for one in self.drivers if since is None or one.last_updated >= since]
        return Pulled(tuple(Received(one, one.raw) for one in new))

    def put_client_info(self, connection: Connection, info: ClientInfo) -> None:
        self._reach(connection)
        self.parties.append(info)

    def post_result(
        self, connection: Connection, identity: str, emsp: str, result: CommandResult
    ) -> None:
        self._reach(connection)
        assert identity, "a result is of some CPO"
        assert emsp in connection.identities, "it goes to the driver's eMSP"
        self.results.append(result)

    def _reach(self, connection: Connection) -> None:
        assert connection.emsp, "only eMSPs are told"
        if self.down:
            raise CpoUnavailable("the eMSP does not answer")
        if self.refuses:
            raise CpoRefused(_INVALID, "no")
