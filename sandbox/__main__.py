"""What can be done on the laptop? One command each; `--help` tells the rest."""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from sandbox.commands.refusals import said
from sandbox.commands.teaching import Teacher

_COMMANDS = (
    "demo",
    "serve",
    "package",
    "price",
    "reprice",
    "lint",
    "draw-tariff",
    "ocpi-check",
    "replay",
    "verify",
    "simulate",
    "admin",
    "books",
)


def end_like_ctrl_c() -> None:
    """A kill or a closed terminal unwinds as Ctrl-C does, so that no process stays behind."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # `command &` has it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))


def _module(command: str) -> ModuleType:
    return import_module(f"sandbox.commands.{command.replace('-', '_')}")


def commands(words: Sequence[str] = ()) -> Teacher:
    """The parser of the command that `words` begin with; of all when they name none."""
    parser = Teacher(
        prog="python -m sandbox",
        description="Plugrail on one laptop: the market, prices, packs, parties, books.",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    # Only the command that is asked for is imported: `price` needs no AWS.
    for name in [word for word in words[:1] if word in _COMMANDS] or _COMMANDS:
        _module(name).register(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status (130, 143 … when a signal ended it, as in a shell)."""
    end_like_ctrl_c()
    words = sys.argv[1:] if arguments is None else list(arguments)
    parsed = commands(words).parse_args(words)
    try:
        result: int = _module(parsed.command).run(parsed)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as error:
        if error.filename is None:
            raise
        print(said(error), file=sys.stderr)
        return 1
    return result


if __name__ == "__main__":
    sys.exit(main())
