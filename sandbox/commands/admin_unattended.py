"""What did the system set aside or give up, and how do staff send it on its way again?"""

import argparse
import os
from typing import Any

from chalicelib.adapters.dead_letters import SqsDeadLetters
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Invalid
from chalicelib.ports.bundle import Ports
from chalicelib.ports.dead_letters import DeadLetters, Letter
from chalicelib.usecases.effect.quarantine import quarantined, release
from chalicelib.usecases.effect.redrive import LETTERS_MAX, redrive

_QUEUE = "DEAD_LETTERS_QUEUE_URL"


def register(things: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _quarantine(things.add_parser("quarantine", help="records that broke their reader"))
    _letters(
        things.add_parser(
            "dead-letters",
            help="what the stream or a schedule gave up",
            description="A queue is named by its URL: the stack's outputs EffectsFailedUrl and "
            f"SchedulesFailedUrl; {_QUEUE} is taken when none is given.",
        )
    )


def _quarantine(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="whose record, since when, and why")
    listing.set_defaults(action=lambda ports, _: [to_plain(note) for note in quarantined(ports)])
    one = verbs.add_parser("release", help="the cause is mended: the next sweep looks at it again")
    one.add_argument("owner", help="as listed, e.g. session#ses_…")
    one.set_defaults(action=lambda ports, a: to_plain(release(ports, a.owner)))


def _letters(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    shown = verbs.add_parser("show", help="what lies there; nothing changes")
    again = verbs.add_parser("redrive", help="try it again: a few letters a call, safe to repeat")
    for verb in (shown, again):
        verb.add_argument("--queue", default=os.environ.get(_QUEUE, ""), help="its URL")
        verb.add_argument("--limit", type=int, default=LETTERS_MAX, help=f"at most {LETTERS_MAX}")
    again.add_argument(
        "--forget", action="store_true", help="delete what the stream no longer has (a day)"
    )
    shown.set_defaults(action=lambda _, a: [_shown(each) for each in _queue(a).look(a.limit, 0)])
    again.set_defaults(action=_redrive)


def _redrive(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    return to_plain(redrive(ports, _queue(a), a.limit, forget=a.forget))


def _queue(a: argparse.Namespace) -> DeadLetters:
    if not a.queue:
        raise Invalid("queue", "no queue is named", f"give --queue or set {_QUEUE}")
    return SqsDeadLetters(a.queue)


def _shown(letter: Letter) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(letter)
    plain.pop("receipt")
    return plain
