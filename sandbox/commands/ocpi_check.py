"""Can the channel use a CPO's OCPI endpoint? `python -m sandbox ocpi-check URL --token T`.

Exit 0: nothing failed, 1: something did, 2: there was no way in.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chalicelib.ocpi.language import VERSIONS
from chalicelib.ocpi.lenient.tariff import Owner
from sandbox.commands import typed as read
from sandbox.conformance.answering import answering
from sandbox.conformance.check import Options, examine
from sandbox.conformance.commands import Charger
from sandbox.conformance.finding import Check, Outcome, Report

_WAIT_S_MAX = 900
_DESCRIPTION = """\
Call a CPO's OCPI endpoint as the channel would, and report what passed, what we mend, and what
fails, each with the specification's section and what to do. It reads only, and says of the rest
that it was not tried.

  python -m sandbox ocpi-check https://cpo.example/ocpi/versions --token T

--register changes the CPO's state: with an invitation's token it exchanges credentials, changes
both tokens by PUT, and withdraws them at the end. The invitation is spent then.

  python -m sandbox ocpi-check http://127.0.0.1:9000/ocpi/cpo/versions --token A \\
      --register 127.0.0.1:9100

--commands starts a charger: name a free EVSE at which no car stands, or one of a test bench.
START_SESSION is sent once; its result is awaited at an address that the CPO must reach (--listen,
or that of --register), the session is looked for in the CPO's list, and STOP_SESSION ends it. Where
no session is found, look at the charger.

  python -m sandbox ocpi-check https://cpo.example/ocpi/versions --token T \\
      --commands LOC1/EVSE1 --listen 0.0.0.0:9100 --our-url https://us.example

Exit status 1: something failed; 2: there was no way in."""
_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.MENDED: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "dim",
}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "ocpi-check",
        help="examine a CPO's OCPI endpoint as the channel would use it",
        description=_DESCRIPTION,
    )
    parser.add_argument("url", type=_url, metavar="URL", help="the CPO's versions URL")
    parser.add_argument(
        "--token",
        required=True,
        help="of the credentials that it gave us; with --register, of its invitation",
    )
    parser.add_argument(
        "--raw-token", action="store_true", help="show the token without Base64, as some peers do"
    )
    parser.add_argument("--ocpi", choices=VERSIONS, default="", help="this version only")
    parser.add_argument(
        "--party", type=read.identity, metavar="CC*PID", help="who is asked, behind a hub"
    )
    _add_what_changes_its_state(parser)
    parser.add_argument("--out", type=Path, help="write the report here, too (JSON)")
    parser.set_defaults(run=run)


def _add_what_changes_its_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--register",
        type=_address,
        metavar="HOST:PORT",
        help="exchange credentials first, answering the CPO at this address",
    )
    parser.add_argument(
        "--commands",
        type=_charger,
        metavar="LOCATION/EVSE[/CONNECTOR]",
        help="start and stop a charge there; an EVSE is named by its uid",
    )
    parser.add_argument(
        "--wait", type=_seconds, default=60, metavar="S", help="for each answer of the charger"
    )
    parser.add_argument(
        "--listen",
        type=_address,
        metavar="HOST:PORT",
        help="take results of commands at this address, where nothing is registered",
    )
    parser.add_argument(
        "--our-url",
        default="",
        metavar="URL",
        help="how the CPO reaches that address (default http://HOST:PORT)",
    )


def run(args: argparse.Namespace) -> int:
    listen = args.register or args.listen
    if args.commands is not None and listen is None:
        print("--commands needs an address for the charger's results: --listen", file=sys.stderr)
        return 2
    with ExitStack() as stack:
        us = None
        if listen is not None:
            try:
                us = stack.enter_context(answering(listen, args.our_url.rstrip("/")))
            except OSError as error:
                host, port = listen
                told = f"cannot listen at {host}:{port}: {error.strerror}; name another address"
                print(told, file=sys.stderr)
                return 2
        options = Options(
            version=args.ocpi,
            raw_token=args.raw_token,
            party=None if args.party is None else Owner(*args.party),
            us=us,
            registers=args.register is not None,
            charger=args.commands and replace(args.commands, wait_s=args.wait),
        )
        now = datetime.now(UTC).replace(microsecond=0)
        report = examine(args.url, args.token, now, options)
    _show(report, Console())
    if args.out is not None:
        args.out.write_text(json.dumps(plain(report), indent=2, ensure_ascii=False) + "\n")
    if not report.version:
        return 2
    return 1 if report.failed else 0


def _url(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as https://cpo.example/versions")
    return text


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, e.g. 127.0.0.1:9100")
    return host, int(port)


def _charger(text: str) -> Charger:
    location_id, _, rest = text.partition("/")
    evse_uid, slash, connector_id = rest.partition("/")
    if not location_id or not evse_uid or bool(slash) is not bool(connector_id):
        raise argparse.ArgumentTypeError(f"{text!r} is not LOCATION/EVSE, e.g. LOC1/EVSE1")
    return Charger(location_id, evse_uid, connector_id)


def _seconds(text: str) -> float:
    if not text.isdecimal() or not 1 <= int(text) <= _WAIT_S_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 to {_WAIT_S_MAX} seconds")
    return float(text)


def _show(report: Report, console: Console) -> None:
    title = f"{report.url} (OCPI {report.version or '?'})"
    table = Table(title=title, title_justify="left", expand=True)
    table.add_column("", no_wrap=True)
    table.add_column("check, what was found, and what to do", ratio=3)
    table.add_column("specification", ratio=2, style="dim")
    for check in report.checks:
        outcome = Text(check.outcome, _COLOURS[check.outcome])
        table.add_row(outcome, _told(check), check.section)
    console.print(table)
    counts = ((kind, sum(one.outcome is kind for one in report.checks)) for kind in Outcome)
    console.print(", ".join(f"{count} {kind}" for kind, count in counts))


def _told(check: Check) -> Text:
    text = Text(check.name)
    for detail in check.details:
        text.append(f"\n- {detail}", "not bold")
    if check.count > len(check.details):
        text.append(f"\n- and {check.count - len(check.details)} more", "dim")
    if check.hint and check.outcome in (Outcome.FAILED, Outcome.MENDED):
        text.append(f"\n→ {check.hint}", "cyan")
    return text


def plain(report: Report) -> dict[str, Any]:
    return {
        "url": report.url,
        "ocpi": report.version,
        "checks": [
            {
                "check": one.name,
                "outcome": one.outcome.value,
                "section": one.section,
                "details": one.details,
                "count": one.count,
                "hint": one.hint,
            }
            for one in report.checks
        ],
    }
