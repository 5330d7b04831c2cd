"""How is a whole charging market shown on one laptop? `make demo`, and `make demo-long`."""

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox.commands import typed as read
from sandbox.market import driver, long_report, report, roaming
from sandbox.market.audit import Audit, audit
from sandbox.market.cast import THE_CAST
from sandbox.market.explained import outcomes
from sandbox.market.house import House
from sandbox.market.long_cast import LONG_CAST
from sandbox.market.long_script import LONG_DAYS, long_trips, roaming_trips
from sandbox.market.opening import Opened, open_market
from sandbox.market.roles import Cast
from sandbox.market.running import Market
from sandbox.market.script import DAYS, OPENS, Trip, trips
from sandbox.market.taken import Taken
from sandbox.market.writing import write_out

OUT, LONG_OUT = Path("build/demo"), Path("build/demo-long")
# 48 hours after the last day's cut-off (Berlin's midnight): its shares are published.
_AFTERWARDS = timedelta(hours=42)
_BANK_STEP_TAKES = timedelta(minutes=2)
_OUTGROWS_ITS_HOLD = timedelta(minutes=24)


@dataclass(frozen=True, slots=True)
class Show:
    """Who plays, what happens, for how many days. `tell` prints it; True when all is well."""

    cast: Cast
    script: list[Trip]
    days: int
    tell: Callable[[Console, Audit, list[Taken], Path], bool]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="a market of three partners and three CPOs, from plug to payout",
        description="Runs two days of charging with every fault of the field, and settles them.\n"
        "With --long: a week at ten CPOs, every fault in each of OCPI 2.1.1, 2.2.1 and 2.3.0.\n"
        "It fails when a trip ends as its trouble does not allow; trips.csv has a line for each.",
    )
    parser.add_argument("--long", action="store_true", help="ten CPOs for a week (many minutes)")
    parser.add_argument(
        "--days", type=read.whole(1, LONG_DAYS), metavar="N", help="with --long: only the first N"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"where files go (default {OUT}, or {LONG_OUT})"
    )
    parser.add_argument(
        "--trips-per-day",
        type=read.whole(0),
        metavar="N",
        help="without trouble (default 14, or 8 with --long)",
    )


def run(arguments: argparse.Namespace) -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    if arguments.days and not arguments.long:
        console.print("--days is for --long: the short demo has its two days")
        return 2
    show = chosen(arguments)
    out: Path = arguments.out or (LONG_OUT if arguments.long else OUT)
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    partners, cpos = len(show.cast.partners), len(show.cast.cpos)
    console.print(f"[bold]Plugrail[/]: {partners} partners, {cpos} CPOs, {show.days} days.")
    console.print("Starting AWS, the API, the CPOs, the payment provider and a bank …")
    cast = show.cast
    with House(out / "house", OPENS, cast.cpos, emsp_role=cast.emsp) as house:
        good = play(house, console, out, show)
    return 0 if good else 1


def chosen(arguments: argparse.Namespace) -> Show:
    """The market that the arguments ask for."""
    clean = {} if arguments.trips_per_day is None else {"clean_per_day": arguments.trips_per_day}
    if not arguments.long:
        return Show(THE_CAST, trips(**clean), DAYS, _tell_short)
    days = arguments.days or LONG_DAYS
    script = [*long_trips(days, **clean), *roaming_trips(days)]
    return Show(LONG_CAST, script, days, _tell_long)


def play(house: House, console: Console, out: Path, show: Show) -> bool:
    """Run the script in a house that stands; True when the books balance and all is explained."""
    with console.status("parties join, CPOs register over OCPI, tariffs and locations are pulled"):
        opened = open_market(house, show.cast)
    taken: list[Taken] = []
    market = Market(house, OPENS)

    def arrive(trip: Trip) -> None:
        if _roams(show.cast, trip):
            taken.append(_take_roaming(house, market, trip))
        else:
            taken.append(_take(house, opened, market, trip))

    for trip in show.script:
        market.plan(trip.at, partial(arrive, trip))
    end = OPENS + timedelta(days=show.days) + _AFTERWARDS
    _run_with_bar(console, market, end)
    if show.cast.emsp:
        roaming.learn_sessions(house, [each for each in taken if _roams(show.cast, each.trip)])
    refused = Counter(each.refused for each in taken if each.refused)
    with console.status("holding the books against provider, bank, documents and sessions"):
        result = audit(house, dict(refused), show.cast)
        write_out(house, result, out)
    return show.tell(console, result, taken, out)


def _tell_short(console: Console, result: Audit, taken: list[Taken], out: Path) -> bool:
    _write_summary(result.summary, out)
    by_session = {each.session_id: each.trip for each in taken if each.session_id}
    report.show(console, result, by_session, out)
    return bool(result.summary["balanced"])


def _tell_long(console: Console, result: Audit, taken: list[Taken], out: Path) -> bool:
    found = outcomes(taken, result)
    rows = long_report.by_cpo(found, LONG_CAST.cpos)
    unexplained = sum(row["unexplained"] for row in rows)
    windows = long_report.shares_by_window(result)
    more = {"unexplained": unexplained, "cpos": rows, "windows": windows}
    _write_summary({**result.summary, **more}, out)
    long_report.write_trips(found, LONG_CAST.cpos, out / "trips.csv")
    long_report.show(console, result, found, rows)
    console.print(
        f"\n{len(found)} trips, a line each in {out}/trips.csv; {unexplained} unexplained."
    )
    report.ending(console, result, out)
    return bool(result.summary["balanced"]) and not unexplained


def _write_summary(summary: dict[str, Any], out: Path) -> None:
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")


def _take(house: House, opened: Opened, market: Market, trip: Trip) -> Taken:
    """A driver arrives; what follows later (a bank's step, a stop) is planned."""
    taken = driver.take(house, opened, trip)
    if trip.planned_kwh:
        market.watch_closely(market.now + _OUTGROWS_ITS_HOLD)
    if trip.card == "pm_card_authenticationRequired" and trip.completes_bank_step:
        market.plan(market.now + _BANK_STEP_TAKES, lambda: _bank_step(house, taken))
    stop_at = driver.stops_at(trip)
    if stop_at is not None and taken.session_id:
        market.plan(stop_at, lambda: driver.stop(house, opened, taken))
    return taken


def _roams(cast: Cast, trip: Trip) -> bool:
    return cast.emsp is not None and trip.partner == cast.emsp.partner.name


def _take_roaming(house: House, market: Market, trip: Trip) -> Taken:
    """A driver of the eMSP arrives; a stop is planned."""
    taken = roaming.take(house, trip)
    stop_at = driver.stops_at(trip)
    if stop_at is not None and not taken.refused:
        market.plan(stop_at, lambda: roaming.stop(house, taken))
    return taken


def _bank_step(house: House, taken: Taken) -> None:
    house.tell(house.provider, "complete-action", session_id=taken.session_id)


def _run_with_bar(console: Console, market: Market, end: datetime) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    total = int((end - market.now).total_seconds())
    start = market.now
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"{start:%a %d %b %H:%M}", total=total)

        def told(now: datetime) -> None:
            done = int((now - start).total_seconds())
            progress.update(task, completed=done, description=f"{now:%a %d %b %H:%M}")

        market.told = told
        market.run_until(end)
