"""How do staff agree that a payout is made again, returned or lost? Two of them, each by name."""

import argparse
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.payout.agree import agree, waiting
from chalicelib.usecases.payout.unknown import absent, unknown

_SHOWN = ("id", "window", "party_id", "stage", "reason", "money", "reference", "agreed")


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="what the rail returned and people have to agree on")
    listing.set_defaults(action=lambda ports, _: [_shown(payout) for payout in waiting(ports)])
    agreed = verbs.add_parser(
        "agree",
        help="say that a returned payout is paid again; it is once two people said so",
        description="Ask first why it came back, and mend the payee's account. The second person's "
        "word takes the transfer back; the zone's next window pays the sum again.",
    )
    agreed.add_argument("payout", help="pay_…, see `payout list`")
    agreed.add_argument("--person", required=True, help="who agrees: your own full name")
    agreed.set_defaults(action=_agree)
    lost = verbs.add_parser("unknown", help="calls to the rail of which nobody knows the outcome")
    lost.set_defaults(action=lambda ports, _: [_shown(payout) for payout in unknown(ports)])
    looked = verbs.add_parser(
        "absent",
        help="say that such a call never took place; it is made again once two people said so",
        description="Look at the rail itself first: its own list of transfers and payouts for that "
        "account and day. What did take place would be paid twice.",
    )
    looked.add_argument("payout", help="pay_…, see `payout unknown`")
    looked.add_argument("--person", required=True, help="who looked: your own full name")
    looked.set_defaults(
        action=lambda ports, chosen: _shown(absent(ports, chosen.payout, chosen.person))
    )


def _agree(ports: Ports, arguments: argparse.Namespace) -> dict[str, Any]:
    return _shown(agree(ports, arguments.payout, arguments.person))


def _shown(payout: Payout) -> dict[str, Any]:
    plain = to_plain(payout)
    return {name: plain.get(name) for name in _SHOWN}
