"""Did a network bill what it published? `python -m sandbox reprice CDRS`, however many they are.

Exit 0: no CDR asks for more than its tariff says, and each could be priced; else 1.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError, Invalid
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ocpi.envelope.body import parse_object
from sandbox import documents
from sandbox.commands.refusals import said
from sandbox.repricing.outcome import Difference, Outcome
from sandbox.repricing.run import outcomes
from sandbox.repricing.stream import files_in, objects_in

_DEFAULT_ZONE = "Europe/Berlin"
_PROCESSES = 2


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "reprice",
        help="price a network's CDRs again, and list what it billed otherwise",
        description="Price every CDR of a file or folder again (.jsonl: one a line; .json: one, a"
        " list, or an OCPI response), as many as there are, and compare what is claimed. Exit"
        " status 1: some claim more than their tariff says, or cannot be priced.",
    )
    parser.add_argument("cdrs", type=Path, metavar="CDRS", help="a file, or a folder of them")
    parser.add_argument(
        "--tariffs",
        type=Path,
        metavar="TARIFFS",
        help="what was published, every version of it: the one last updated before a session's"
        " start prices it (default: the tariffs in each CDR)",
    )
    parser.add_argument("--out", type=Path, help="write every difference here, one a line (JSON)")
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        default=_DEFAULT_ZONE,
        help=f"of the locations: tariffs are read in it (default {_DEFAULT_ZONE})",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=_PROCESSES,
        help=f"how many work at once (default {_PROCESSES})",
    )
    parser.add_argument("--ocpi", **documents.OCPI_OPTION)


def run(args: argparse.Namespace) -> int:
    console = Console()
    try:
        files = files_in(args.cdrs)
        tariffs = [] if args.tariffs is None else _published(args.tariffs, args.ocpi)
        begun = perf_counter()
        with args.out.open("w") if args.out else nullcontext() as out:
            total = _priced(args, files, tariffs, console, out)
    except (OSError, DomainError) as error:
        told = said(error) if isinstance(error, OSError) else error
        print(f"refused: {told}", file=sys.stderr)
        return 1
    _show(total, perf_counter() - begun, console)
    return 0 if total.in_order else 1


def _published(path: Path, ocpi: str) -> list[Tariff]:
    """Raises Invalid naming the place of what has no reading: without it, prices would be wrong."""
    tariffs = []
    for found in objects_in(files_in(path)):
        if found.refused:
            raise Invalid(found.place, found.refused)
        try:
            tariffs.append(documents.read_tariff(parse_object(found.text), ocpi)[0])
        except Invalid as error:
            raise Invalid(f"{found.place} {error.field}", error.reason) from error
    if not tariffs:
        raise Invalid(str(path), "has no tariff")
    return tariffs


def _priced(
    args: argparse.Namespace,
    files: list[Path],
    tariffs: list[Tariff],
    console: Console,
    out: TextIO | None,
) -> Outcome:
    total = Outcome()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[cdrs]:,} CDRs"),
    )
    size = sum(file.stat().st_size for file in files)
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("pricing again", total=size, cdrs=0)
        found = objects_in(files)
        for piece in outcomes(found, tariffs, args.time_zone, args.ocpi, args.processes):
            if out is not None:
                out.writelines(f"{json.dumps(to_plain(one))}\n" for one in piece.differences)
            total.add(piece)
            bar.update(task, completed=total.bytes, cdrs=total.cdrs)
        bar.update(task, completed=size)
    return total


def _show(total: Outcome, took_s: float, console: Console) -> None:
    console.print(f"{total.cdrs:,} CDRs in {took_s:,.1f} s: {total.cdrs / took_s:,.0f}/s")
    table = Table("currency", "verdict", "CDRs", "claimed", "by tariff", "claimed more")
    for (currency, verdict), sums in sorted(total.sums.items()):
        more = sums.claimed - sums.priced
        amounts = (_money(one) for one in (sums.claimed, sums.priced, more))
        table.add_row(currency, verdict.value, f"{sums.cdrs:,}", *amounts)
    console.print(table)
    _list("the greatest differences", map(_words, total.differences), console)
    _list("readings that were used", _counted(total.warnings.items()), console)
    _list("could not be priced", _counted(total.refused.items()), console)
    _list("the first of these", total.refusals, console)


def _words(one: Difference) -> str:
    return f"{one.place}: {one.cdr_id} {one.verdict.value}: {one.reason}"


def _counted(items: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{count:,} {code}" for code, count in sorted(items, key=lambda one: -one[1])]


def _list(title: str, rows: Iterable[str], console: Console) -> None:
    told = list(rows)
    if told:
        console.print(f"\n{title}", style="bold")
        # A place is to be copied whole: no line is broken.
        console.print("\n".join(told), highlight=False, markup=False, soft_wrap=True)


def _money(amount: Decimal) -> str:
    """Exact sums, shown to the cent."""
    return f"{amount:,.2f}"
