"""Can the channel use a CPO's OCPI endpoint? `python -m sandbox ocpi-check URL --token T`.

Exit 0: nothing failed, 1: something did, 2: there was no way in.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chalicelib.ocpi.language import VERSIONS
from chalicelib.ocpi.lenient.tariff import Owner
from sandbox.commands import typed as read
from sandbox.conformance.check import examine
from sandbox.conformance.finding import Check, Outcome, Report
from sandbox.conformance.handshake import answering

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
        description="Call a CPO's OCPI endpoint as the channel would, and report what passed, what"
        " we mend, and what fails, each with the specification's section and what to do. It reads"
        " only; with --register it also exchanges credentials, and withdraws them at the end.\n\n"
        "  python -m sandbox ocpi-check https://cpo.example/ocpi/versions --token T\n"
        "  python -m sandbox ocpi-check http://127.0.0.1:9000/ocpi/cpo/versions --token A"
        " --register 127.0.0.1:9100\n\n"
        "Exit status 1: something failed; 2: there was no way in.",
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
    parser.add_argument(
        "--register",
        type=_address,
        metavar="HOST:PORT",
        help="exchange credentials first, answering the CPO at this address",
    )
    parser.add_argument(
        "--our-url",
        default="",
        metavar="URL",
        help="how the CPO reaches that address (default http://HOST:PORT)",
    )
    parser.add_argument("--out", type=Path, help="write the report here, too (JSON)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with ExitStack() as stack:
        us = None
        if args.register is not None:
            try:
                us = stack.enter_context(answering(args.register, args.our_url.rstrip("/")))
            except OSError as error:
                host, port = args.register
                told = f"cannot listen at {host}:{port}: {error.strerror}; name another address"
                print(told, file=sys.stderr)
                return 2
        report = examine(
            args.url,
            args.token,
            datetime.now(UTC).replace(microsecond=0),
            version=args.ocpi,
            raw_token=args.raw_token,
            party=None if args.party is None else Owner(*args.party),
            us=us,
        )
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
