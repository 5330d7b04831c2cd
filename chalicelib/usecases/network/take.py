"""What does one object that was pulled change here? Tariff, location, session, CDR, and party."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import NOTHING, Day
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Pulled, Received
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.charger_session.accept_report import accept_pulled
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.client_info import accept_client_info
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from chalicelib.usecases.records import find


@dataclass(frozen=True, slots=True)
class Taken:
    """`news`: no push had told it. `counted` is what the object says of its CPO's health."""

    news: bool
    counted: Day = NOTHING


@dataclass(frozen=True, slots=True)
class Module:
    """How a module is pulled and what becomes of its objects. `dated`: it has a span, not a list.

    A `whole` list is always asked for from its beginning, since what is missing in it is news too.
    """

    name: str
    pull: Callable[[Ports, Connection, datetime | None, datetime, str], Pulled]
    take: Callable[[Ports, Connection, Received], Taken]
    dated: bool = False
    whole: bool = False
    offered: Callable[[Connection], bool] = lambda _: True


def in_order(items: Iterable[Received]) -> list[Received]:
    """Oldest first. Of one instant, what was taken back comes before its credit, and both before
    what replaces it: the first CDR of a session is the one that bills it.
    """
    told = list(items)
    taken_back = {getattr(one.value, "credit_reference_id", "").lower() for one in told} - {""}

    def place(one: Received) -> tuple[datetime, int]:
        if isinstance(one.value, ReceivedCdr):
            if one.value.id.lower() in taken_back:
                return one.value.last_updated, 0
            return one.value.last_updated, 1 if one.value.credit else 2
        return one.value.last_updated, 0

    return sorted(told, key=place)


def _tariff(ports: Ports, connection: Connection, received: Received) -> Taken:
    accepted = accept_tariff(ports, connection, received.value, received.raw, *received.mended)
    return Taken(accepted.news)


def _location(ports: Ports, connection: Connection, received: Received) -> Taken:
    place, raw, mended = received.value, received.raw, received.mended
    return Taken(accept_location(ports, connection, place, raw, *mended, pulled=True))


def _session(ports: Ports, connection: Connection, received: Received) -> Taken:
    return Taken(accept_pulled(ports, connection, received))


def _cdr(ports: Ports, connection: Connection, received: Received) -> Taken:
    cdr = received.value
    speaks_for(connection, cdr.country_code, cdr.party_id)
    accepted = accept_pulled_cdr(ports, connection, received)
    news = not accepted.repeated
    if cdr.credit:
        return Taken(news)
    came_at = ports.clock.now() if news else cdr.last_updated
    delay_s = max(came_at - cdr.end, timedelta(0)) // timedelta(seconds=1)
    record = find(ports.store, keys.session(accepted.session_id), Session)
    bill = None if record is None else record.value.bill
    disputed = int(bill is not None and bill.claim is not None)
    return Taken(news, Day(cdrs=1, cdr_delay_s=delay_s, cdr_delay_max_s=delay_s, disputed=disputed))


def _client_info(ports: Ports, connection: Connection, received: Received) -> Taken:
    return Taken(accept_client_info(ports, connection, received.value, pulled=True))


def _tells_of_others(connection: Connection) -> bool:
    """Not every hub serves the list: pushes then have to do."""
    return bool(connection.hub) and "hubclientinfo.SENDER" in connection.endpoints


def _since(since: datetime | None) -> datetime:
    assert since is not None, "sessions and CDRs are asked for by their span"
    return since


# Tariffs before the locations that name them, sessions before their CDRs; who can be reached last,
# since nothing that is owed hangs on it.
MODULES = (
    Module(
        "tariffs",
        lambda ports, c, since, _, rest: ports.cpos.tariffs(c, since, rest),
        _tariff,
        whole=True,
    ),
    Module(
        "locations",
        lambda ports, c, since, _, rest: ports.cpos.locations(c, since, rest),
        _location,
    ),
    Module(
        "sessions",
        lambda ports, c, since, until, _: ports.cpos.sessions(c, _since(since), until),
        _session,
        dated=True,
    ),
    Module(
        "cdrs",
        lambda ports, c, since, until, _: ports.cpos.cdrs(c, _since(since), until),
        _cdr,
        dated=True,
    ),
    Module(
        "hubclientinfo",
        lambda ports, c, since, _, rest: ports.cpos.client_infos(c, since, rest),
        _client_info,
        offered=_tells_of_others,
    ),
)
