"""How do staff invoice a partner on credit before its month is over, and see what is open?"""

import argparse
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import currency
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.partner.invoice import issue, open_invoices
from chalicelib.usecases.party.read import party
from sandbox.commands import typed as read


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    issued = verbs.add_parser(
        "issue",
        help="invoice what was used and is on no invoice",
        description="Invoice what was used and is on no invoice, once a day at most; null where "
        "there is nothing. Each month is invoiced by itself.",
    )
    issued.add_argument("partner", help=read.PARTNER)
    issued.add_argument("currency", type=currency, help="e.g. EUR")
    issued.set_defaults(action=_issue)
    listing = verbs.add_parser("list", help="what is open, with credit notes and reminders")
    listing.add_argument("partner", help=read.PARTNER)
    listing.set_defaults(action=_list)


def _issue(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    known = party(ports, PartyId(a.partner))
    return to_plain(issue(ports, known.id, a.currency))


def _list(ports: Ports, a: argparse.Namespace) -> dict[str, Any]:
    known = party(ports, PartyId(a.partner))
    day, found = open_invoices(ports, known.id)
    return {
        "open": [
            {**to_plain(each), "owed": to_plain(each.owed), "level": each.level_on(day).value}
            for each in found.invoices
        ],
        "credit_notes_for_the_next": to_plain(found.notes),
    }
