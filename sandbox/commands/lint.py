"""What should a CPO look at in a tariff? `python -m sandbox lint TARIFF.json`.

Exit 0: nothing but notes, 1: warnings or errors.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.lint.check import json_path, lint
from chalicelib.domain.tariff.lint.finding import Code, Finding, Severity
from chalicelib.ocpi.envelope.body import BYTES_MAX, MalformedJson, parse
from chalicelib.ocpi.lenient.notes import note_of
from sandbox import documents
from sandbox.commands import typed as read
from sandbox.commands.refusals import said

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class Report(NamedTuple):
    tariff: str
    ocpi: str
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return all(one.severity is Severity.NOTE for one in self.findings)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "lint",
        help="say what a CPO should look at in a tariff",
        description="Check one OCPI tariff, a list of them, or an OCPI response with a page of"
        " them. Exit status 1: there are warnings or errors.",
    )
    parser.add_argument("tariff", type=Path, metavar="TARIFF.json", help="as a CPO publishes it")
    parser.add_argument("--ocpi", **documents.OCPI_OPTION)
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    parser.add_argument(
        "--at",
        type=read.instant,
        help="the instant that dates are judged by (default: now)",
    )


def run(args: argparse.Namespace) -> int:
    at = args.at or datetime.now(UTC)
    try:
        values = _tariffs_in(_read(args.tariff))
    except OSError as error:
        print(f"cannot be read: {said(error)}", file=sys.stderr)
        return 1
    except (MalformedJson, Invalid) as error:
        print(f"{args.tariff} cannot be read: {error}", file=sys.stderr)
        return 1
    reports = [_report(value, args.ocpi, at) for value in values]
    if args.json:
        print(json.dumps([_plain(one) for one in reports], indent=2, ensure_ascii=False))
    else:
        _show(reports, Console())
    return 0 if all(one.sound for one in reports) else 1


def _read(path: Path) -> Any:  # noqa: ANN401 - any JSON
    if path.stat().st_size > BYTES_MAX:
        raise MalformedJson(f"it is larger than {BYTES_MAX:,} bytes")
    return parse(path.read_bytes())


def _tariffs_in(document: Any) -> list[Any]:  # noqa: ANN401
    """A tariff, a list, an OCPI response with either, or a CDR or case file that holds some."""
    if isinstance(document, dict):
        if "elements" in document:
            return [document]
        for name in ("data", "cdr", "tariffs"):
            if isinstance(document.get(name), dict | list):
                return _tariffs_in(document[name])
    if isinstance(document, list) and document:
        return document
    raise Invalid("", "neither a tariff nor a list of tariffs was found")


def _report(value: Any, ocpi: str, at: datetime) -> Report:  # noqa: ANN401
    if not isinstance(value, dict):
        return Report("?", ocpi, (Finding(Code.UNREADABLE, "", "an object is expected"),))
    name = str(value.get("id", "?"))
    try:
        tariff, mended, spoken = documents.read_tariff(value, ocpi)
    except Invalid as error:
        text = f"{error.reason}: no session can be priced by this tariff"
        unread = Finding(Code.UNREADABLE, json_path(error.field), text)
        return Report(name, ocpi, (unread,))
    return Report(name, spoken.version, (*lint(tariff, at), *_mended(mended)))


def _mended(notes: tuple[str, ...]) -> Iterator[Finding]:
    for note in map(note_of, notes):
        text = f"{note.words}: it was read, and others may refuse it ({note.code})"
        yield Finding(Code.MENDED, json_path(note.path), text)


def _show(reports: list[Report], console: Console) -> None:
    for report in reports:
        title = f"tariff {report.tariff} (OCPI {report.ocpi or '?'})"
        if not report.findings:
            console.print(f"{title}: nothing found", markup=False)
            continue
        table = Table(title=title, title_justify="left", show_lines=True, expand=True)
        table.add_column("found", no_wrap=True)
        table.add_column("where, why, and what to do", ratio=1)
        for one in report.findings:
            what = Text(one.severity, _COLOURS[one.severity]).append(f"\n{one.code}", "not bold")
            table.add_row(
                what, Text(one.place or "the tariff", "bold").append(f"\n{one.text}", "not bold")
            )
        console.print(table)


def _plain(report: Report) -> dict[str, Any]:
    return {
        "tariff": report.tariff,
        "ocpi": report.ocpi,
        "findings": [
            {
                "severity": one.severity.value,
                "code": one.code.value,
                "place": one.place,
                "text": one.text,
            }
            for one in report.findings
        ],
    }
