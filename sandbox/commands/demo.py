"""How is a whole charging market shown on one laptop? `make demo`."""

import argparse
import json
import shutil
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox.commands import typed as read
from sandbox.market import driver, report
from sandbox.market.audit import audit
from sandbox.market.cast import CPOS
from sandbox.market.driver import Taken
from sandbox.market.house import House
from sandbox.market.opening import Opened, open_market
from sandbox.market.running import Market
from sandbox.market.script import DAYS, OPENS, Trip, trips
from sandbox.market.writing import write_out

OUT = Path("build/demo")
# 48 hours after the last day's cut-off (Berlin's midnight): its shares are published.
_AFTERWARDS = timedelta(hours=42)
_BANK_STEP_TAKES = timedelta(minutes=2)
_OUTGROWS_ITS_HOLD = timedelta(minutes=24)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="a market of three partners and three CPOs, from plug to payout",
        description="Runs two days of charging with every fault of the field, and settles them.",
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where files go")
    parser.add_argument(
        "--trips-per-day", type=read.whole(0), default=20, metavar="N", help="clean ones"
    )


def run(arguments: argparse.Namespace) -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    out: Path = arguments.out
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    console.print("[bold]Plugrail[/]: three partners, three CPOs, two currencies, two days.")
    console.print("Starting AWS, the API, the CPOs, the payment provider and a bank …")
    with House(out / "house", OPENS, CPOS) as house:
        balanced = play(house, console, out, trips(arguments.trips_per_day))
    return 0 if balanced else 1


def play(house: House, console: Console, out: Path, script: list[Trip]) -> bool:
    """Run the script in a house that stands; True when the books balance."""
    with console.status("parties join, CPOs register over OCPI, tariffs and locations are pulled"):
        opened = open_market(house)
    taken: list[Taken] = []
    market = Market(house, OPENS)

    def arrive(trip: Trip) -> None:
        taken.append(_take(house, opened, market, trip))

    for trip in script:
        market.plan(trip.at, partial(arrive, trip))
    end = OPENS + timedelta(days=DAYS) + _AFTERWARDS
    _run_with_bar(console, market, end)
    refused: dict[str, int] = {}
    for each in taken:
        if each.refused:
            refused[each.refused] = refused.get(each.refused, 0) + 1
    with console.status("holding the books against provider, bank, documents and sessions"):
        result = audit(house, refused)
        write_out(house, result, out)
    (out / "summary.json").write_text(json.dumps(result.summary, indent=2) + "\n")
    by_session = {each.session_id: each.trip for each in taken if each.session_id}
    report.show(console, result, by_session, out)
    return bool(result.summary["balanced"])


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
