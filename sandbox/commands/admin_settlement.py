"""How do staff look into a window, hold and release, approve, and see debts and the float?"""

import argparse
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import PartyId, WindowId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.channel.forecast import forecast
from chalicelib.usecases.debt.invoice import open_debts
from chalicelib.usecases.debt.paid import pay_claim
from chalicelib.usecases.payout import approve as approving
from chalicelib.usecases.payout import staff_hold as holding
from chalicelib.usecases.payout.rail import SEPA
from chalicelib.usecases.records import load
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.net import payouts_of
from chalicelib.usecases.window.sealed import rows
from sandbox.commands import typed as read

_SHOWN = ("id", "party_id", "kind", "stage", "reason", "due", "money", "account", "reference")
_RUN = ("id", "stage", "attempt", "lease", "stage_times", "shares", "shares_final", "proof")


def register(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _window(things.add_parser("window", help="what a settlement window did, step by step"))
    _hold(things)
    _approval(things.add_parser("approval", help="payouts above the limit: two people say so"))
    _debt(things.add_parser("debt", help="what payees owe us, and the claims on them"))
    floats = things.add_parser("float-forecast", help="will our money suffice?")
    floats.set_defaults(action=lambda ports, _: to_plain(forecast(ports)))


def _window(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the windows that are open")
    listing.set_defaults(
        action=lambda ports, _: [
            _run(ports, WindowId(row.key.sk)) for row in rows(ports, keys.open_windows())
        ]
    )
    show = verbs.add_parser("show", help="one window and its payouts")
    show.add_argument("window", help="<date>.<zone>, e.g. 2026-11-20.Europe-Berlin")
    show.set_defaults(action=lambda ports, a: _shown(ports, WindowId(a.window)))
    payout = verbs.add_parser("payout", help="what was done to a payout, in order")
    payout.add_argument("payout", help="pay_…")
    payout.set_defaults(action=lambda ports, a: _steps(ports, a.payout))


def _run(ports: Ports, window: WindowId) -> dict[str, Any]:
    plain = to_plain(run_of(ports, window).value)
    return {name: plain[name] for name in _RUN}


def _shown(ports: Ports, window: WindowId) -> dict[str, Any]:
    run = run_of(ports, window).value
    found = [_payout(ports, id_) for id_ in payouts_of(ports, run)]
    return {**_run(ports, window), "payouts": found}


def _payout(ports: Ports, payout_id: str) -> dict[str, Any]:
    plain = to_plain(load(ports.store, keys.payout(payout_id), Payout, "payout").value)
    return {name: plain[name] for name in _SHOWN}


def _steps(ports: Ports, payout_id: str) -> dict[str, Any]:
    listed = rows(ports, keys.step(payout_id, "").pk, "step#")
    return {**_payout(ports, payout_id), "steps": [dict(row.body) for row in listed]}


def _hold(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    held = things.add_parser("hold", help="send nothing to a party, or do not make a payout")
    freed = things.add_parser("release", help="what people held may go")
    for parser, on_payout in ((held, holding.hold_payout), (freed, holding.release)):
        parser.add_argument("subject", help="par_…, cpo_… or pay_…")
        _words(parser)
        parser.set_defaults(action=_held, on_payout=on_payout, on_party=holding.release)
    held.set_defaults(on_party=holding.hold_party)
    listing = things.add_parser("holds", help="whatever people ever held, and what they said")
    listing.set_defaults(action=lambda ports, _: to_plain(holding.staff_holds(ports)))


def _held(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    act = a.on_payout if a.subject.startswith("pay_") else a.on_party
    return to_plain(act(ports, a.subject, a.reason, a.person))


def _approval(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="what waits for a proposal or the second person")
    listing.set_defaults(action=lambda ports, _: to_plain(approving.waiting(ports)))
    for name, act, words in (
        ("propose", approving.propose, "the first person's word"),
        ("approve", approving.approve, "the second person's: the next sweep makes the payout"),
        ("refuse", approving.refuse, "no; the next window takes the sum over"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("payout", help="pay_…, see `approval list`")
        _words(verb)
        verb.set_defaults(action=_approved, act=act)
    limit = verbs.add_parser("limit", help="the sum above which two people are needed")
    limit.add_argument("amount", type=read.amount, help="'50000.00 EUR'; a higher one takes two")
    _words(limit)
    limit.set_defaults(
        action=lambda ports, a: to_plain(approving.set_limit(ports, a.amount, a.reason, a.person))
    )


def _approved(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    return to_plain(a.act(ports, a.payout, a.reason, a.person))


def _debt(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="what is carried forward")
    listing.set_defaults(action=lambda ports, _: to_plain(open_debts(ports)))
    claims = verbs.add_parser("claims", help="the claims on a party")
    claims.add_argument("party", help="par_… or cpo_…")
    claims.set_defaults(
        action=lambda ports, a: [row.key.sk for row in rows(ports, keys.claims(PartyId(a.party)))]
    )
    paid = verbs.add_parser("paid", help="book: a payee paid a claim, or part of it")
    paid.add_argument("debt", help="as its claim names it")
    paid.add_argument("amount", type=read.amount, help="'120.00 EUR'")
    paid.add_argument("--reference", required=True, help="the rail's; books it once")
    paid.add_argument("--rail", choices=(RAIL, SEPA), default=RAIL, help="where it came in")
    paid.set_defaults(
        action=lambda ports, a: to_plain(pay_claim(ports, a.debt, a.amount, a.reference, a.rail))
    )


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="why: it is recorded")
    parser.add_argument("--person", required=True, help="who says so: your own full name")
