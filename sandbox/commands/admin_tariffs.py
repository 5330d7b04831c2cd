"""What did the lint find in the tariffs that CPOs published, and which are for one partner only?"""

import argparse
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.tariff.addressed import address_tariff
from chalicelib.usecases.tariff.findings import (
    PublishedFindings,
    publications,
    tariffs_with_findings,
)


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="tariffs in force in which something was found")
    listing.add_argument("--connection", help="one CPO's connection; default: every one")
    listing.set_defaults(action=_list)
    show = verbs.add_parser("show", help="the publications of one tariff, newest first")
    show.add_argument("connection")
    show.add_argument("identity", help="CC*PID, e.g. 'DE*NRD'")
    show.add_argument("tariff", help="the tariff's id")
    show.set_defaults(action=_show)
    address = verbs.add_parser("address", help="keep a published tariff for one partner")
    address.add_argument("connection")
    address.add_argument("identity", help="CC*PID, e.g. 'DE*NRD'")
    address.add_argument("tariff", help="the negotiated tariff's id")
    address.add_argument("--partner", required=True)
    address.add_argument("--instead-of", required=True, help="the public tariff it stands for")
    address.add_argument("--said-by", required=True, help="who says so for the CPO")
    address.set_defaults(action=_address)


def _list(ports: Ports, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    ids = [arguments.connection] if arguments.connection else [one.id for one in connections(ports)]
    return [_shown(found) for id_ in ids for found in tariffs_with_findings(ports, PeerId(id_))]


def _show(ports: Ports, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    country, star, party = arguments.identity.upper().partition("*")
    if not star:
        raise Invalid("identity", f"{arguments.identity!r} is not of the form CC*PID")
    peer = PeerId(arguments.connection)
    return [_shown(one) for one in publications(ports, peer, country, party, arguments.tariff)]


def _address(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    country, star, party = a.identity.upper().partition("*")
    if not star:
        raise Invalid("identity", f"{a.identity!r} is not of the form CC*PID")
    owner, partner = (country, party), PartyId(a.partner)
    peer = PeerId(a.connection)
    said = address_tariff(ports, peer, owner, a.tariff, partner, a.instead_of, a.said_by)
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
