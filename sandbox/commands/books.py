"""What is in the books, and do they agree with everybody else's? For accountants and auditors."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import DomainError, Invalid
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.beancount import beancount_text
from chalicelib.domain.ledger.book import trial_balance, until
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.statement import statements_of
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.paper import report_text
from chalicelib.domain.reconciliation.pending import pending_sums
from chalicelib.domain.reconciliation.report import plain_report
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.reconciliation.journal import journal
from chalicelib.usecases.reconciliation.waiting import pending_now
from sandbox.commands import typed as read
from sandbox.commands.refusals import refuse
from sandbox.commands.served import ENVIRONMENT, SERVED, served_ports

JOURNAL, REPORT, PAPER = "journal.json", "reconciliation.json", "reconciliation.md"
BEANCOUNT = "journal.beancount"
_WIDTH = 160  # of a page or a log
_AGAIN = "run `make demo`, and name build/demo/books"
_EPILOG = """\
examples, on a running `make serve`, or with --from on what `make demo` left:
  python -m sandbox books trial --from build/demo/books
  python -m sandbox books trial --as-of 2026-11-17T06:00Z --pending
  python -m sandbox books statement cpo_payable:cpo_rheinstrom --from build/demo/books
  python -m sandbox books journal --beancount > books.beancount && bean-check books.beancount
  python -m sandbox books reconcile --deep            exit status 1 when something differs
Amounts are debit positive, credit negative. --json has them in whole minor units.
"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "books",
        help="trial balance, statements, the journal, and a reconciliation",
        epilog=_EPILOG,
    )
    views = parser.add_subparsers(dest="view", required=True, metavar="VIEW")
    trial = views.add_parser("trial", help="every account's turnover and balance")
    trial.add_argument("--pending", action="store_true", help="with what waits to be posted")
    statement = views.add_parser("statement", help="one account: opening, lines, closing")
    statement.add_argument("account", help="as `books trial` prints it")
    statement.add_argument("--since", type=read.instant, help="where the period begins")
    listing = views.add_parser("journal", help="every entry")
    listing.add_argument("--beancount", action="store_true", help="as text for beancount's tools")
    compared = views.add_parser("reconcile", help="CDR, price, journal, provider and bank")
    compared.add_argument("--deep", action="store_true", help="compute every bill again")
    for view, show in (
        (trial, _trial),
        (statement, _statement),
        (listing, _journal),
        (compared, _reconcile),
    ):
        view.add_argument("--as-of", type=read.instant, help="an instant, or a day (its end, UTC)")
        view.add_argument(
            "--from", dest="folder", type=Path, metavar="DIR", help="what the demo left"
        )
        view.add_argument("--environment", type=Path, default=SERVED, help=ENVIRONMENT)
        view.add_argument("--json", action="store_true", help="for programs")
        view.set_defaults(show=show)


def run(arguments: argparse.Namespace, ports: Ports | None = None) -> int:
    """Print one view; 1 when it is refused or the books do not agree."""
    show: Callable[[_Source, argparse.Namespace], int] = arguments.show
    try:
        return show(_Source(arguments, ports), arguments)
    except DomainError as refused:
        return refuse(refused)


class _Source:
    """The table, or the folder that the demo wrote: asked only for what a view shows."""

    def __init__(self, arguments: argparse.Namespace, ports: Ports | None) -> None:
        self.folder: Path | None = arguments.folder
        self._given, self._arguments = ports, arguments

    @property
    def ports(self) -> Ports:
        if self.folder is not None:
            raise Invalid("--from", "only a table knows that", "leave --from out")
        return self._given or served_ports(self._arguments.environment)

    def entries(self) -> list[Entry]:
        if self.folder is None:
            return journal(self.ports)
        return [from_plain(Entry, plain) for plain in self.plain(JOURNAL)]

    def plain(self, name: str) -> Any:  # noqa: ANN401 - JSON
        try:
            return json.loads(self.read(name))
        except ValueError as error:
            raise Invalid("--from", f"{name} is no JSON: {error}", _AGAIN) from error

    def read(self, name: str) -> str:
        assert self.folder is not None, "asked of a folder only"
        if not (self.folder / name).exists():
            raise Invalid("--from", f"{self.folder} has no {name}", _AGAIN)
        return (self.folder / name).read_text()


def _trial(source: _Source, arguments: argparse.Namespace) -> int:
    rows = trial_balance(until(source.entries(), arguments.as_of))
    waits = pending_sums(pending_now(source.ports)) if arguments.pending else {}
    if arguments.json:
        _print([{**to_plain(row), "balance": row.balance} for row in rows])
        return 0
    columns = ("account", "debit", "credit", "balance", *(["pending"] if waits else []))
    table = _table("trial balance", *columns)
    keys_ = sorted({(row.account, row.currency) for row in rows} | waits.keys())
    by_key = {(row.account, row.currency): row for row in rows}
    for key in keys_:
        row = by_key.get(key)
        amounts = (row.debit, row.credit, row.balance) if row else (0, 0, 0)
        more = (waits.get(key, 0),) if waits else ()
        table.add_row(str(key[0]), *(str(Money(minor, key[1])) for minor in (*amounts, *more)))
    for code in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == code]
        sums = (sum(r.debit for r in own), sum(r.credit for r in own), sum(r.balance for r in own))
        table.add_row("sum", *(str(Money(minor, code)) for minor in sums), style="bold")
    _show(table)
    return 0


def _statement(source: _Source, arguments: argparse.Namespace) -> int:
    account = Account.read(arguments.account)
    found = statements_of(source.entries(), account, arguments.since, arguments.as_of)
    if not found:
        raise Invalid("account", f"nothing was ever booked on {account}", "see `books trial`")
    if arguments.json:
        _print([to_plain(statement) for statement in found])
        return 0
    for statement in found:
        title = f"{account} in {statement.opening.currency}"
        table = _table(title, "when", "event", "of", "amount", "balance")
        table.add_row("", "opening", "", "", str(statement.opening))
        for line in statement.lines:
            when = line.at.strftime("%Y-%m-%d %H:%M:%S")
            money = (str(line.amount), str(line.balance))
            table.add_row(when, line.event.value, line.owner, *money)
        table.add_row("", "closing", "", "", str(statement.closing), style="bold")
        _show(table)
    return 0


def _journal(source: _Source, arguments: argparse.Namespace) -> int:
    entries = list(until(source.entries(), arguments.as_of))
    if arguments.beancount:
        sys.stdout.write(beancount_text(entries))
    else:
        _print([to_plain(entry) for entry in entries])
    return 0


def _reconcile(source: _Source, arguments: argparse.Namespace) -> int:
    if source.folder is not None:
        plain = source.plain(REPORT)
        sys.stdout.write(source.read(REPORT if arguments.json else PAPER))
        return int(not plain["balanced"])
    report = reconcile_books(source.ports, arguments.as_of, deep=arguments.deep)
    if arguments.json:
        _print(plain_report(report))
    else:
        sys.stdout.write(report_text(report))
    return int(not report.balanced)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        words = column in {"account", "when", "event", "of"}
        table.add_column(column, justify="left" if words else "right", overflow="fold")
    return table


def _show(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)


def _print(plain: Sequence[Any] | dict[str, Any]) -> None:
    print(json.dumps(plain, indent=2, ensure_ascii=False))
