"""Does the money survive everything? `python -m sandbox simulate --histories 1000 --seed 1`.

Plays histories of small markets in which processes die, answers are lost and messages go astray,
and says which of them ended with a cent, a session or a window out of place. Exit 1: some did, or
a site was not crashed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sandbox.commands import typed as read
from sandbox.simulation.play import play_named
from sandbox.simulation.runner import Result, quiet_process, simulate

_SHOWN = 10


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "simulate",
        help="play thousands of histories in which everything goes wrong",
        description="One seed is one history, and plays the same each time: look at one with"
        " --histories 1 --seed SEED, or with --play 'NAME' as a result names it.",
    )
    histories = read.whole(0)
    parser.add_argument("--histories", type=histories, default=1000, metavar="N", help="how many")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the first history")
    parser.add_argument("--jobs", type=read.whole(1), default=2, metavar="J", help="processes")
    parser.add_argument("--json", action="store_true", help="the result as JSON, and nothing else")
    parser.add_argument(
        "--no-aim",
        action="store_true",
        help="do not aim a crash at each site that the histories have left out",
    )
    parser.add_argument("--play", metavar="NAME", help="play one history again and tell it")


def run(args: argparse.Namespace) -> int:
    """1 when a history ended badly or a site was left out, 2 when NAME names none."""
    if args.play:
        return _play_again(args.play)
    console = Console(stderr=True)
    with _bar(console, hidden=args.json) as progress:
        seeds = range(args.seed, args.seed + args.histories)
        result = simulate(seeds, args.jobs, aim=not args.no_aim, progress=progress)
    if args.json:
        print(json.dumps(result.as_json(), indent=2))
    else:
        _tell(console, result)
    left_out = not args.no_aim and result.coverage.share < 1
    return 1 if result.violations or left_out else 0


def _play_again(name: str) -> int:
    with quiet_process():
        played = play_named(name)
    if played is None:
        print(f"{name!r} is no history: say 'seed 7', or a name from a result", file=sys.stderr)
        return 2
    print("\n".join([played.name, *(f"  {line}" for line in played.story)]))
    print("\n".join(f"! {line}" for line in played.found) or "  it ended well")
    return 1 if played.found else 0


def _tell(console: Console, result: Result) -> None:
    found: dict[str, Any] = result.as_json()
    for bad in result.violations[:_SHOWN]:
        console.print(f"[red]{bad['history']}[/red]", highlight=False)
        console.print("\n".join(f"  {line}" for line in bad["found"][:5]), highlight=False)
    more = len(result.violations) - _SHOWN
    if more > 0:
        console.print(f"  and {more} more: --json tells all")
    good = f"{found['histories'] - len(result.violations)} of {found['histories']} histories ended"
    share = (
        f"{100 * result.coverage.share:.1f} % of {found['sites']} sites crashed, before and after"
    )
    speed = f"{found['histories_per_s']} histories/s ({found['small_histories_per_s']} small ones)"
    console.print(f"{good} well; {share}; {speed}")


@contextmanager
def _bar(console: Console, *, hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    columns = (
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=console, disable=hidden) as bar:

        def progress(phase: str, done: int, of: int) -> None:
            if phase not in tasks:
                tasks[phase] = bar.add_task(phase, total=of)
            bar.update(tasks[phase], completed=done)

        yield progress
