"""How do staff see a dispute from its session to its payouts, and decide it?"""

import argparse
from typing import Any

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute.chargeback import ChargebackKind
from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.cdr.second import explain_second, second_cdrs
from chalicelib.usecases.dispute.decide import deny, grant
from chalicelib.usecases.dispute.read import Link, chain, early_credits, open_disputes
from chalicelib.usecases.dispute.save import loaded
from chalicelib.usecases.payment.chargeback import classify, open_chargebacks
from chalicelib.usecases.payment.refund_failed import refund_again, refunds_returned
from chalicelib.usecases.session.read import record
from sandbox.commands import typed as read

_SHOWN = ("id", "session_id", "cause", "reason", "state", "money", "reference", "opened_at", "text")


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser(
        "list", help="what is open, chargebacks, refunds that came back, credits and CDRs too many"
    )
    listing.set_defaults(action=_list)
    show = verbs.add_parser("show", help="session, claim, decision, entries and payouts")
    show.add_argument("dispute", help="dsp_…")
    show.set_defaults(action=lambda ports, a: _whole(ports, a.dispute))
    decided = verbs.add_parser(
        "decide",
        help="give money back, or nothing",
        description="Above the limit of `approval limit` two people say the same: the first one's "
        "word is a proposal. The partner is told the reason.",
    )
    decided.add_argument("dispute", help="dsp_…")
    what = decided.add_mutually_exclusive_group(required=True)
    what.add_argument("--grant", type=read.amount, help="'5.00 EUR'")
    what.add_argument("--grant-all", action="store_true", help="all that is asked for")
    what.add_argument("--deny", action="store_true", help="nothing")
    decided.add_argument("--bearer", type=Bearer, choices=list(Bearer), help="else the agreement's")
    decided.add_argument("--reason", required=True, help="why: the partner is told")
    decided.add_argument("--person", required=True, help="who decides: your own full name")
    decided.set_defaults(action=_decide)
    _register_words(verbs)
    again = verbs.add_parser("refund-again", help="have a driver refunded whose refund came back")
    again.add_argument("session", help="ses_…")
    again.set_defaults(action=lambda ports, a: to_plain(refund_again(ports, a.session)))


def _register_words(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What people say of a thing, where no message does."""
    classified = verbs.add_parser(
        "classify",
        help="say what a chargeback is about, where the bank's code does not",
        description="Who bears a chargeback that is lost follows from what it is about, by the "
        "agreement. Not once it is decided.",
    )
    classified.add_argument("dispute", help="dsp_… of a chargeback, or the provider's dp_…")
    classified.add_argument("--kind", required=True, **read.one_of(ChargebackKind), help="about")
    classified.add_argument("--person", required=True, help="who says so: your own full name")
    classified.set_defaults(action=_classify)

    second = verbs.add_parser(
        "explain-cdr",
        help="say what a CDR was that came beside the one that billed a session",
        description="It ends the difference `second_cdr` and moves no money. What the CPO is owed "
        "by another CDR it gets when it credits the first one.",
    )
    second.add_argument("session", help="ses_…, as listed")
    second.add_argument("--words", required=True, help="what the CPO answered")
    second.add_argument("--person", required=True, help="who says so: your own full name")
    second.set_defaults(
        action=lambda ports, a: to_plain(explain_second(ports, a.session, a.words, a.person))
    )


def _classify(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    ours = a.dispute.startswith("dsp_")
    reference = loaded(ports, a.dispute).value.reference if ours else a.dispute
    return to_plain(classify(ports, reference, a.kind, a.person))


def _list(ports: Ports, _: argparse.Namespace) -> dict[str, Any]:
    return {
        "open": [_head(dispute) for dispute in open_disputes(ports)],
        "chargebacks": to_plain(open_chargebacks(ports)),
        "refunds_that_came_back": refunds_returned(ports),
        "credits_without_original": early_credits(ports),
        "second_cdrs": to_plain(list(second_cdrs(ports))),
    }


def _decide(ports: Ports, a: argparse.Namespace) -> dict[str, Any]:
    if a.deny:
        deny(ports, a.dispute, a.reason, a.person)
    else:
        grant(ports, a.dispute, a.grant, a.reason, a.person, a.bearer)
    return _whole(ports, a.dispute)


def _whole(ports: Ports, dispute_id: str) -> dict[str, Any]:
    dispute = loaded(ports, dispute_id).value
    session = record(ports, dispute.session_id).value
    return {
        **_head(dispute),
        "session": {
            "state": session.state.value,
            "cdr": session.cdr_id,
            "bill": to_plain(session.bill),
            "payment": session.payment.state.value,
            "redress": to_plain(session.redress),
            "evidence": session.evidence,
        },
        "proposal": to_plain(dispute.proposal),
        "decision": to_plain(dispute.decision),
        "said": to_plain(dispute.said),
        "entries": [_link(link) for link in chain(ports, dispute)],
        "page": dispute.evidence,
    }


def _head(dispute: Dispute) -> dict[str, Any]:
    plain = to_plain(dispute)
    return {name: plain[name] for name in _SHOWN}


def _link(link: Link) -> dict[str, Any]:
    return {
        "name": link.booked.name,
        "window": link.booked.window,
        "entry": to_plain(link.entry),
        "payouts": [_payout(payout) for payout in link.payouts],
    }


def _payout(payout: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "window", "payee", "state", "reference", "statement")
    return {name: payout[name] for name in names}
