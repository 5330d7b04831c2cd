"""How well do the CPOs' connections work, and how does staff have one pulled right now?"""

import argparse
from datetime import UTC, datetime, time
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.ids import PeerId
from chalicelib.ocpi.language import VERSIONS
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.close import leave
from chalicelib.usecases.connection.health import health_of, healths
from chalicelib.usecases.connection.read import connection_of, connections, emsps
from chalicelib.usecases.connection.renew import renew
from chalicelib.usecases.network.pull import pull_peer
from sandbox.commands import typed as read


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="every connection and how its last seven days were")
    listing.set_defaults(action=_list)
    show = verbs.add_parser("show", help="one connection by day, and what it has that is unfit")
    show.add_argument("peer", help="peer_…, as listed")
    show.set_defaults(action=_show)
    pull = verbs.add_parser("pull", help="read now what changed, though its time has not come")
    pull.add_argument("peer", help="peer_…, as listed")
    pull.add_argument(
        "--everything-since",
        type=read.day,
        help="read all locations and tariffs anew, and sessions and CDRs since this day",
    )
    pull.set_defaults(action=_pull)
    renew_ = verbs.add_parser("renew", help="change tokens with it, or to another OCPI version")
    renew_.add_argument("peer", help="peer_…, as listed")
    renew_.add_argument("--ocpi", default="", choices=VERSIONS, help="default: newest mutual one")
    renew_.set_defaults(action=_renew)
    leave_ = verbs.add_parser("leave", help="end the connection; what it told stays in the books")
    leave_.add_argument("peer", help="peer_…, as listed")
    leave_.set_defaults(action=_leave)


def _list(ports: Ports, _: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    known = connections(ports)
    found = healths(ports, [connection.id for connection in known])
    return [
        *(_summary(connection, found[connection.id]) for connection in known),
        *(_of_an_emsp(connection) for connection in emsps(ports)),
    ]


def _show(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    connection = connection_of(ports, PeerId(a.peer))
    if connection.emsp:
        return _of_an_emsp(connection)
    health = health_of(ports, connection.id)
    return {**_summary(connection, health), "known": to_plain(health)}


def _pull(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    day = a.everything_since
    since = None if day is None else datetime.combine(day, time(), UTC)
    return to_plain(pull_peer(ports, connection_of(ports, PeerId(a.peer)), since))


def _renew(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    connection = renew(ports, PeerId(a.peer), a.ocpi)
    return {"peer": connection.id, "version": connection.version}


def _leave(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    return {"peer": a.peer, "told": leave(ports, PeerId(a.peer))}


def _of_an_emsp(connection: Connection) -> dict[str, Any]:
    """It is never pulled, so nothing is counted: how its pushes fare, its events tell."""
    told = {"peer": connection.id, "partner": connection.partner, "version": connection.version}
    return {**told, "emsps": list(connection.identities), "state": connection.state.value}


def _summary(connection: Connection, health: PeerHealth) -> dict[str, Any]:
    """Shares are per mille of the last seven days; a mean of nothing is left out."""
    week = health.week
    means = {
        "latency_ms": health.latency_ms if week.calls else None,
        "cdr_delay_s": week.cdr_delay_s // week.cdrs if week.cdrs else None,
        "disputed_permille": health.disputed_permille if week.cdrs else None,
    }
    told: dict[str, Any] = {
        "peer": connection.id,
        "cpo": connection.cpo_id,
        "version": connection.version,
        "reachable": health.reachable,
        "answered_permille": health.answered_permille,
        "pushed_permille": health.pushed_permille,
        "clock_skew_s": health.skew_s,
        "unfit_objects": len(health.refused),
        "failed": list(health.failed),
        **{name: value for name, value in means.items() if value is not None},
    }
    if health.next_pull is not None:
        told["next_pull"] = to_plain(health.next_pull)
    return told
