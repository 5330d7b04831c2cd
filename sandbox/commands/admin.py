"""How does staff make parties, agreements and keys, and book money that came in?

`python -m sandbox admin --help` teaches the order: party, agreement, key, top-up.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.domain.access.key import ALL_SCOPES, Scope, Stage
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.own import OwnMoney
from chalicelib.domain.money import currency
from chalicelib.domain.party.party import Kyc, Party, PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.access.issue_key import issue_key, revoke_key
from chalicelib.usecases.channel.own_money import book_own
from chalicelib.usecases.channel.record_exchange import record_exchange
from chalicelib.usecases.connection.invite import Invitation, invite, invite_emsp
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.partner.top_up import top_up
from chalicelib.usecases.party.read import parties, party
from chalicelib.usecases.party.register import change
from chalicelib.usecases.party.register import register as register_party
from chalicelib.usecases.payout.rail import SEPA
from chalicelib.usecases.rates.import_rates import import_rates
from sandbox.commands import (
    admin_agreements,
    admin_bank,
    admin_disputes,
    admin_invoices,
    admin_payouts,
    admin_peers,
    admin_settlement,
    admin_tariffs,
    admin_unattended,
)
from sandbox.commands import typed as read
from sandbox.commands.refusals import refuse
from sandbox.commands.served import ENVIRONMENT, SERVED, served_ports

_EPILOG = """\
the usual order, on a running `make serve`:
  python -m sandbox admin party add --id cpo_nord --kind cpo --name Nordstrom --country DE \\
      --currency EUR --time-zone Europe/Berlin --vat DE:DE811111111:2024-01-01 --kyc verified
  python -m sandbox admin destination propose cpo_nord --account acct_… --person "Ada Lovelace"
  python -m sandbox admin destination approve cpo_nord acct_… --person "Grace Hopper"
  python -m sandbox admin party add --id par_app --kind partner --name "Lade App" --country DE \\
      --currency EUR --vat DE:DE822222222:2024-01-01 --kyc verified
  python -m sandbox admin agreement make --partner par_app --commission 8% --share 50% \\
      --pay prepaid --since 2026-11-01
  python -m sandbox admin key issue par_app
  python -m sandbox admin top-up par_app "500.00 EUR" --reference tu_1
Everything printed is JSON; amounts are minor units. A key is printed once and kept nowhere.
"""
_Action = Callable[[Ports, argparse.Namespace], Any]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "admin",
        help="make parties, agreements and keys; book money that came in",
        epilog=_EPILOG,
    )
    parser.add_argument("--environment", type=Path, default=SERVED, help=ENVIRONMENT)
    things = parser.add_subparsers(dest="thing", required=True, metavar="THING")
    _party(things.add_parser("party", help="register, change and list companies"))
    admin_agreements.register(things.add_parser("agreement", help="terms between two sides"))
    _key(things.add_parser("key", help="API keys of a partner"))
    _connection(things.add_parser("connection", help="let a CPO's system register (OCPI)"))
    admin_peers.register(things.add_parser("peer", help="how connections work; pull one now"))
    admin_payouts.register(things.add_parser("payout", help="pay again what the rail returned"))
    admin_tariffs.register(things.add_parser("tariffs", help="what the lint found in tariffs"))
    admin_bank.register(things)
    admin_disputes.register(things.add_parser("dispute", help="decide about disputed money"))
    admin_invoices.register(things.add_parser("invoice", help="what partners on credit owe"))
    admin_unattended.register(things)
    admin_settlement.register(things)
    _money(things)


def run(arguments: argparse.Namespace, ports: Ports | None = None) -> int:
    """Perform one command against the table; 1 and a sentence when it is refused."""
    action: _Action = arguments.action
    try:
        answer = action(ports or served_ports(arguments.environment), arguments)
    except DomainError as refused:
        return refuse(refused)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def _party(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="register a company")
    add.add_argument("--id", required=True, help="par_… or cpo_…; the channel's is 'channel'")
    add.add_argument("--kind", required=True, **read.one_of(PartyKind), help="what it is")
    add.add_argument("--country", required=True, help="ISO 3166-1 alpha-2")
    add.add_argument("--sort", default="", help="fleet, app, insurer …: said to people only")
    add.set_defaults(action=_add_party)
    changed = verbs.add_parser("change", help="change a company's facts")
    changed.add_argument("id", help="par_…, cpo_… or channel")
    changed.set_defaults(action=_change_party)
    for verb, needed in ((add, True), (changed, False)):
        verb.add_argument("--currency", required=needed, type=currency, help="what it is paid in")
        verb.add_argument("--name", required=needed, help="as its register has it")
        verb.add_argument("--time-zone", default=None, help="IANA; a CPO's windows close by it")
        verb.add_argument("--vat", type=read.vat, action="append", help=read.vat.__doc__)
        verb.add_argument("--kyc", **read.one_of(Kyc), help="only verified is paid")
        verb.add_argument("--payout-minimum", type=read.amount, help="less is carried forward")
        verb.add_argument("--self-billing-since", type=read.day, help="day of recorded consent")
    show = verbs.add_parser("show", help="one company")
    show.add_argument("id", help="par_…, cpo_… or channel")
    show.set_defaults(action=lambda ports, a: to_plain(party(ports, PartyId(a.id))))
    listing = verbs.add_parser("list", help="every company")
    listing.set_defaults(action=lambda ports, _: [to_plain(found) for found in parties(ports)])


def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    paid = ("payout_minimum", "self_billing_since")
    names = ("name", "time_zone", "vat", "kyc", *paid)
    given = {name: getattr(arguments, name) for name in names}
    given["settlement_currency"] = arguments.currency
    if given["vat"] is not None:
        given["vat"] = tuple(given["vat"])
    return {name: value for name, value in given.items() if value is not None}


def _add_party(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    made = Party(
        id=PartyId(arguments.id),
        kind=arguments.kind,
        country=arguments.country,
        sort=arguments.sort,
        **_facts(arguments),
    )
    return to_plain(register_party(ports, made))


def _change_party(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    facts = _facts(arguments)
    return to_plain(change(ports, PartyId(arguments.id), lambda known: replace(known, **facts)))


def _key(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    issue = verbs.add_parser("issue", help="make a key and print it, once")
    issue.add_argument("partner", help=read.PARTNER)
    issue.add_argument(
        "--stage", **read.one_of(Stage), default=Stage.SANDBOX, help="where it is used"
    )
    issue.add_argument(
        "--scope",
        **read.one_of(Scope),
        action="append",
        help="what it may do; say it again for each (default: everything)",
    )
    issue.add_argument("--label", default="", help="for people: whose key it is")
    issue.set_defaults(action=_issue_key)
    revoke = verbs.add_parser("revoke", help="refuse a key from now on")
    revoke.add_argument("partner", help=read.PARTNER)
    revoke.add_argument("key", help="key_…")
    revoke.set_defaults(action=_revoke_key)


def _issue_key(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    scopes = tuple(arguments.scope or ALL_SCOPES)
    issued = issue_key(ports, PartyId(arguments.partner), arguments.stage, scopes, arguments.label)
    return {"id": issued.key.id, "key": issued.text, "scopes": [scope.value for scope in scopes]}


def _revoke_key(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    revoked = revoke_key(ports, PartyId(arguments.partner), arguments.key)
    return {"id": revoked.id, "revoked_at": to_plain(revoked.revoked_at)}


def _connection(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    asked = verbs.add_parser("invite", help="print the token and address to register with, once")
    asked.add_argument("cpo", help="cpo_…")
    asked.add_argument("identity", nargs="+", help="CC*PID that it may speak for, e.g. 'DE*NRD'")
    asked.set_defaults(action=_invite)
    emsp = verbs.add_parser("invite-emsp", help="as invite, for a partner whose eMSP speaks OCPI")
    emsp.add_argument("partner", help="par_…")
    emsp.add_argument("identity", nargs="+", help="CC*PID of the eMSP, e.g. 'NL*APP'")
    emsp.set_defaults(action=_invite_emsp)


def _invite_emsp(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    return _shown(invite_emsp(ports, PartyId(arguments.partner), arguments.identity))


def _invite(ports: Ports, arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    cpo = party(ports, PartyId(arguments.cpo))
    return _shown(invite(ports, cpo.id, dict.fromkeys(arguments.identity, cpo.id)))


def _shown(invited: Invitation) -> Any:  # noqa: ANN401
    return {
        "id": invited.connection.id,
        "token": invited.token,
        "versions_url": invited.versions_url,
    }


def _money(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, words in (
        ("top-up", "a partner paid into its prepaid balance"),
        ("invoice-paid", "a partner on credit paid what it owes"),
    ):
        parser = things.add_parser(name, help=f"book: {words}")
        parser.add_argument("partner", help=read.PARTNER)
        parser.add_argument("amount", type=read.amount, help="'500.00 EUR'")
        parser.add_argument("--reference", required=True, help="the provider's; books it once")
        parser.add_argument("--fee", type=read.amount, help="what the provider kept")
        _rail(parser)
        parser.set_defaults(action=_top_up if name == "top-up" else _invoice_paid)
    _own_money(things)
    balance = things.add_parser("balance", help="a partner's prepaid balance and credit")
    balance.add_argument("partner", help=read.PARTNER)
    balance.set_defaults(
        action=lambda ports, a: [to_plain(b) for b in balances_of(ports, PartyId(a.partner))]
    )
    exchanged = things.add_parser("exchange", help="book: the rail's real exchange of our cash")
    exchanged.add_argument("given", type=read.amount, help="what the rail took")
    exchanged.add_argument("got", type=read.amount, help="what it gave for it")
    exchanged.add_argument("payout", nargs="+", help="pay_… whose conversions it closes")
    exchanged.add_argument("--reference", required=True, help="the rail's; books it once")
    exchanged.set_defaults(
        action=lambda ports, a: to_plain(
            record_exchange(ports, a.reference, a.given, a.got, a.payout)
        )
    )
    rates = things.add_parser("rates", help="import the published reference rates now")
    rates.set_defaults(action=lambda ports, _: {"new_days": import_rates(ports)})


def _own_money(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    funded = things.add_parser("float", help="book: the channel's own money on the rail")
    funded.add_argument("amount", type=read.amount, help="'5000.00 EUR'; negative: taken off it")
    funded.add_argument("--reference", required=True, help="the provider's; books it once")
    _rail(funded)
    funded.set_defaults(kind=OwnMoney.FLOAT, country="", action=_own)
    own = things.add_parser("own", help="book: the channel's own money moved on a rail")
    own.add_argument("kind", **read.one_of(OwnMoney), help="what it was")
    own.add_argument("amount", type=read.amount, help="'-12.50 EUR': it left; without -: it came")
    own.add_argument("--country", default="", help="whose VAT was paid, e.g. DE")
    own.add_argument("--reference", required=True, help="the provider's; books it once")
    _rail(own)
    own.set_defaults(action=_own)


def _rail(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rail", choices=(RAIL, SEPA), default=RAIL, help="where it moved")


def _own(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    return to_plain(book_own(ports, a.kind, a.amount, a.reference, a.rail, a.country))


def _top_up(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    return to_plain(top_up(ports, PartyId(a.partner), a.amount, a.reference, a.fee, a.rail))


def _invoice_paid(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    return to_plain(pay_invoice(ports, PartyId(a.partner), a.amount, a.reference, a.fee, a.rail))
