"""What did the lint find in the tariffs that CPOs published, and which are for one partner only?"""

import argparse
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.tariff.addressed import address_tariff
from chalicelib.usecases.tariff.findings import (
    PublishedFindings,
    publications,
    tariffs_with_findings,
)
from sandbox.commands import typed as read


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="tariffs in force in which something was found")
    listing.add_argument("--connection", help="one CPO's connection; default: every one")
    listing.set_defaults(action=_list)
    show = verbs.add_parser("show", help="the publications of one tariff, newest first")
    _published_by(show)
    show.add_argument("tariff", help="the tariff's id")
    show.set_defaults(action=_show)
    address = verbs.add_parser("address", help="keep a published tariff for one partner")
    _published_by(address)
    address.add_argument("tariff", help="the negotiated tariff's id")
    address.add_argument("--partner", required=True, help=read.PARTNER)
    address.add_argument("--instead-of", required=True, help="the public tariff it stands for")
    address.add_argument("--said-by", required=True, help="who says so for the CPO")
    address.set_defaults(action=_address)


def _published_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("connection", help="a CPO's, as `tariffs list` shows it")
    parser.add_argument("identity", type=read.identity, help="CC*PID, e.g. 'DE*NRD'")


def _list(ports: Ports, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    ids = [arguments.connection] if arguments.connection else [one.id for one in connections(ports)]
    return [_shown(found) for id_ in ids for found in tariffs_with_findings(ports, PeerId(id_))]


def _show(ports: Ports, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    peer, (country, party) = PeerId(arguments.connection), arguments.identity
    return [_shown(one) for one in publications(ports, peer, country, party, arguments.tariff)]


def _address(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    peer, partner = PeerId(a.connection), PartyId(a.partner)
    said = address_tariff(ports, peer, a.identity, a.tariff, partner, a.instead_of, a.said_by)
    return to_plain(said)


def _shown(one: PublishedFindings) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "connection": one.peer_id,
        "tariff": one.tariff,
        "seen": one.seen,
        "version": one.hash,
        "findings": [
            {
                "severity": found.severity.value,
                "code": found.code.value,
                "place": found.place,
                "text": found.text,
            }
            for found in one.findings
        ],
    }
    return shown | ({"left_out": one.left_out} if one.left_out else {})
