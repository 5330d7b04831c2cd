"""What have the CPOs published or done that we have not heard of? The scheduled pull.

OCPI repeats no failed push, so this is part of correctness, not a convenience. Each span overlaps
the one before, because offset paging skips rows when objects change under it (ocpi issue 373).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import Conflict, DomainError, NotYet, Rejected
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, Pulled, Received
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.charger_session.pull import pull as pull_sessions
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.read import connection_record, connections
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff

OVERLAP = timedelta(minutes=15)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_AT_FIRST = timedelta(days=2)  # how far the first pull of sessions and CDRs looks back


@dataclass(frozen=True, slots=True)
class PeerPull:
    """What came of one peer's pull. `refused` names objects without a reading, and why."""

    peer_id: str
    news: int
    refused: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def pull_all(ports: Ports, at_once: int = 1) -> list[PeerPull]:
    """Pull every registered peer, some at once; one that does not answer is only late itself.

    Those that were pulled longest ago come first, so that a run that is cut off starves nobody.
    """
    known = sorted(connections(ports), key=lambda peer: min(peer.cursors.values(), default=""))
    if at_once == 1:
        return [pull_peer(ports, connection) for connection in known]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda connection: pull_peer(ports, connection), known))


def pull_peer(ports: Ports, connection: Connection) -> PeerPull:
    """Tariffs before the locations that name them, sessions before their CDRs."""
    news, refused, failed = 0, list[str](), list[str]()
    cursors = dict(connection.cursors)
    modules: dict[str, Callable[[datetime | None, datetime], tuple[int, tuple[str, ...]]]] = {
        "tariffs": lambda since, _: _pull_tariffs(ports, connection, since),
        "locations": lambda since, _: _pull_locations(ports, connection, since),
        "sessions": lambda since, until: _pull_sessions(ports, connection, since, until),
        "cdrs": lambda since, until: _pull_cdrs(ports, connection, since, until),
    }
    for module, pull in modules.items():
        begun = ports.clock.now()
        try:
            count, bad = pull(_since(cursors.get(module)), begun)
        except (NotYet, CpoRefused) as error:
            failed.append(f"{module}: {error}")
            continue
        news += count
        refused.extend(f"{module}: {why}" for why in bad)
        cursors[module] = instant_text(begun)
    _remember(ports, connection, cursors)
    return PeerPull(connection.id, news, tuple(refused), tuple(failed))


def _since(cursor: str | None) -> datetime | None:
    return None if cursor is None else datetime.fromisoformat(cursor) - OVERLAP


def _pull_tariffs(
    ports: Ports, connection: Connection, since: datetime | None
) -> tuple[int, tuple[str, ...]]:
    def take(received: Received) -> bool:
        accept_tariff(ports, connection, received.value, received.raw, *received.mended)
        return True

    return _taken(ports.cpos.tariffs(connection, since), take)


def _pull_locations(
    ports: Ports, connection: Connection, since: datetime | None
) -> tuple[int, tuple[str, ...]]:
    def take(received: Received) -> bool:
        return accept_location(ports, connection, received.value, received.raw, *received.mended)

    return _taken(ports.cpos.locations(connection, since), take)


def _pull_sessions(
    ports: Ports, connection: Connection, since: datetime | None, until: datetime
) -> tuple[int, tuple[str, ...]]:
    return pull_sessions(ports, connection, since or until - _AT_FIRST, until + OVERLAP), ()


def _pull_cdrs(
    ports: Ports, connection: Connection, since: datetime | None, until: datetime
) -> tuple[int, tuple[str, ...]]:
    def take(received: Received) -> bool:
        speaks_for(connection, received.value.country_code, received.value.party_id)
        return not accept_pulled_cdr(ports, connection, received).repeated

    return _taken(ports.cpos.cdrs(connection, since or until - _AT_FIRST, until + OVERLAP), take)


def _taken(pulled: Pulled, take: Callable[[Received], bool]) -> tuple[int, tuple[str, ...]]:
    """The good objects of a pull that also holds bad ones are taken all the same."""
    news, refused = 0, list(pulled.refused)
    for received in pulled.items:
        try:
            news += take(received)
        except UpdateOutdated:
            continue  # a push was faster
        except (Rejected, Conflict) as error:
            refused.append(_why(received, error))
    return news, tuple(refused)


def _why(received: Received, error: DomainError) -> str:
    return f"{getattr(received.value, 'id', '?')}: {error}"


def _remember(ports: Ports, connection: Connection, cursors: dict[str, str]) -> None:
    """Were the peer renewing its credentials just now, the next pull would read the span again."""
    record = connection_record(ports, connection.id)
    with suppress(WriteConflict):
        ports.store.write(record.put(replace(record.value, cursors=cursors)))
