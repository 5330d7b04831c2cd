"""How do staff change where a party is paid, unblock an account, and explain what the bank says?"""

import argparse
from typing import Any

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.bank.explain import explain, refused, unmatched, unread
from chalicelib.usecases.bank.place import MEANINGS, book_line
from chalicelib.usecases.party.destination import (
    approve,
    proposals,
    propose_account,
    propose_bank,
)
from chalicelib.usecases.payout.block import unblock

_PARTY = "par_… or cpo_…"


def register(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _destination(things.add_parser("destination", help="where a party is paid: two people say so"))
    _bank(things.add_parser("bank", help="what the bank brought and nobody could place"))


def _destination(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    proposed = verbs.add_parser(
        "propose",
        help="another payout account, on either rail",
        description="Compare the details with a paper or a call that you began yourself. Another "
        "person approves; until then the party is paid where it was.",
    )
    proposed.add_argument("party", help=_PARTY)
    proposed.add_argument("--iban", default="", help="a bank account, paid by SEPA credit transfer")
    proposed.add_argument("--bic", default="", help="where its bank wants one")
    proposed.add_argument("--name", default="", help="the holder, as the bank has it")
    proposed.add_argument("--account", default="", help="or acct_… at the payment provider")
    proposed.add_argument("--person", required=True, help="who proposes: your own full name")
    proposed.set_defaults(action=_propose)
    approved = verbs.add_parser("approve", help="the second person's word")
    approved.add_argument("party", help=_PARTY)
    approved.add_argument("account", help="bank_… or acct_…, see `destination list`")
    approved.add_argument("--person", required=True, help="who approves: your own full name")
    approved.set_defaults(
        action=lambda ports, a: to_plain(approve(ports, PartyId(a.party), a.account, a.person))
    )
    listing = verbs.add_parser("list", help="every proposal of a party")
    listing.add_argument("party", help=_PARTY)
    listing.set_defaults(
        action=lambda ports, a: [to_plain(p) for p in proposals(ports, PartyId(a.party))]
    )
    freed = verbs.add_parser("unblock", help="an account that sent money back may be paid again")
    freed.add_argument("account", help="bank_… or acct_…")
    freed.add_argument("--person", required=True, help="who has looked: your own full name")
    freed.set_defaults(action=lambda ports, a: unblock(ports, a.account, a.person))


def _propose(ports: Ports, a: argparse.Namespace) -> dict[str, Any]:
    party = PartyId(a.party)
    if a.account:
        made = propose_account(ports, party, a.account, a.person)
    else:
        made = propose_bank(ports, party, bank_details(a.name, a.iban, a.bic), a.person)
    plain: dict[str, Any] = to_plain(made)
    return plain


def _bank(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="lines that fit nothing, files that cannot be read")
    listing.set_defaults(
        action=lambda ports, _: {
            "lines": unmatched(ports),
            "files": unread(ports),
            "refused": refused(ports),
        }
    )
    said = verbs.add_parser("explain", help="say what a line or file was; it books nothing")
    floated = verbs.add_parser("float", help="a line is our own money: book it as float")
    booked = verbs.add_parser(
        "book",
        help="say what a line was, and book it",
        description="Book a line on the bank's cash account. Above the limit (`admin approval "
        "limit`), or where none is set, a second person says the same. Own money that came in "
        "needs one.",
    )
    for verb in (said, floated, booked):
        verb.add_argument("line", help="see `bank list`")
        verb.add_argument("--person", required=True, help="who says so: your own full name")
    said.add_argument("--words", required=True, help="what it was: they stay on record")
    said.set_defaults(action=lambda ports, a: explain(ports, a.line, a.words, a.person))
    floated.set_defaults(action=lambda ports, a: book_line(ports, a.line, "float", a.person))
    booked.add_argument("meaning", choices=MEANINGS, help="what it was")
    booked.add_argument("--subject", default="", help="par_…, the debt, or whose VAT, e.g. DE")
    booked.set_defaults(
        action=lambda ports, a: book_line(ports, a.line, a.meaning, a.person, a.subject)
    )
