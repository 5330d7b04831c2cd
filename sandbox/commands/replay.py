"""What would recorded sessions have cost, and who would have been paid? `… replay SESSIONS.csv`."""

import argparse
import json
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chalicelib.domain.errors import DomainError, Invalid
from sandbox.commands import typed as read
from sandbox.commands.refusals import said
from sandbox.market.audit import Audit, audit
from sandbox.market.house import House
from sandbox.market.opening import open_market
from sandbox.market.roles import Cast
from sandbox.recorded import report
from sandbox.recorded.cast import PARTNER, cast_of, read_published
from sandbox.recorded.playing import Player, events
from sandbox.recorded.rows import COLUMNS, FileUnfit, Rows, read_rows
from sandbox.recorded.way import Replayed, Street

OUT = Path("build/replay")
_BEFORE_THE_FIRST = timedelta(hours=1)
_COLUMNS = f"with the columns {', '.join(COLUMNS)}"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "replay",
        help="push recorded sessions through the whole channel",
        description="Replays a CSV of recorded sessions: started over the partner API, charged at a"
        " simulated CPO over OCPI, priced, captured, settled. A row that makes no sense is reported"
        " and changes nothing. Sample tariff: sandbox/market/sample_tariff.json",
    )
    parser.add_argument("sessions", type=Path, metavar="SESSIONS.csv", help=_COLUMNS)
    parser.add_argument(
        "--tariff", type=Path, required=True, metavar="T.json", help="an OCPI 2.2.1 Tariff"
    )
    parser.add_argument(
        "--time-zone", default="Europe/Zurich", metavar="ZONE", help="of the file's local times"
    )
    parser.add_argument("--country", default="CH", metavar="CC", help="where the chargers stand")
    parser.add_argument("--limit", type=read.whole(1), metavar="N", help="only the first")
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where files go")


def run(arguments: argparse.Namespace) -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        zone = _zone(arguments.time_zone)
        rows = read_rows(arguments.sessions, zone, arguments.limit)
        tariff = read_published(arguments.tariff, zone.key)
        plugs = sorted({row.plug for row in rows.good})
        cast = cast_of(tariff, arguments.country.upper(), zone.key, len(plugs))
    except OSError as error:
        console.print(f"[red]{said(error)}[/]", highlight=False)
        return 1
    except (DomainError, FileUnfit) as unfit:
        console.print(f"[red]{unfit}[/]", highlight=False)
        return 1
    out = _empty(arguments.out)
    report.write_refused(rows, out)
    if not rows.good:
        report.show_refused(console, rows)
        console.print("No row makes sense: nothing was replayed.")
        return 1
    console.print("Starting AWS, the API, one CPO and the payment provider …")
    opens = rows.good[0].arrival - _BEFORE_THE_FIRST
    with House(out / "house", opens, cast.cpos) as house:
        return 0 if _replay(house, cast, rows, zone, console, out) else 1


def _replay(
    house: House, cast: Cast, rows: Rows, zone: ZoneInfo, console: Console, out: Path
) -> bool:
    """Everything in a house that stands; True when the books balance."""
    with console.status("the CPO registers over OCPI, its tariff and location are pulled"):
        opened = open_market(house, cast)
    ways = [Replayed(row) for row in rows.good]
    plugs = sorted({row.plug for row in rows.good})
    street = Street(house, opened.keys[PARTNER], plugs, house.opens)
    _play(console, house, street, ways, zone)
    with console.status("holding the books against the provider, the documents and the sessions"):
        result = _audited(house, cast, ways)
        report.write_out(house, result, ways, out)
    (out / "summary.json").write_text(json.dumps(result.summary, indent=2) + "\n")
    report.show(console, result, ways, rows, out)
    return bool(result.summary["balanced"])


def _play(
    console: Console, house: House, street: Street, ways: list[Replayed], zone: ZoneInfo
) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("sessions", total=len(ways))

        def told(at: datetime, done: int) -> None:
            day = f"{at.astimezone(zone):%d %b %Y %H:%M}"
            progress.update(task, completed=done, description=day)

        Player(house, street, ways, told).play(events(ways, zone))


def _audited(house: House, cast: Cast, ways: list[Replayed]) -> Audit:
    """Refusals that have a session are counted by the audit itself."""
    refused: dict[str, int] = {}
    for way in ways:
        if way.refused and not way.session_id:
            refused[way.refused] = refused.get(way.refused, 0) + 1
    return audit(house, refused, cast)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:  # OSError: a folder's name
        raise Invalid("time_zone", f"{name!r} is not an IANA time zone") from unknown


def _empty(out: Path) -> Path:
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    return out
