"""What does a person see of a replay? Months in money, refused rows by name, and files to open."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Bill, Session
from sandbox.market.audit import Audit
from sandbox.market.house import House
from sandbox.market.report import checks_table
from sandbox.recorded.rows import RefusedRow, Rows
from sandbox.recorded.way import Replayed

_ROWS_SHOWN = 20
_BILLED = ("driver paid", "CPO", "partner", "platform", "VAT")


def write_refused(rows: Rows, out: Path) -> None:
    with (out / "refused.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(RefusedRow)])
        writer.writerows(astuple(row) for row in rows.refused)


def write_out(house: House, audit: Audit, ways: Iterable[Replayed], out: Path) -> None:
    """One line a recorded session, and every statement."""
    sessions = {session.id: session for session in audit.records.sessions}
    with (out / "sessions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("row", "session", "state", "reason", "window", "kWh", "currency", *_BILLED, "evidence")
        )
        for way in ways:
            session = sessions.get(way.session_id)  # type: ignore[call-overload]  # a NewType of str
            writer.writerow((way.row.id, *(_line(session) if session else _none(way))))
    for payout in audit.records.payouts:
        for name in filter(None, (payout.statement, payout.csv)):
            content = house.ports.files.read(name)
            assert content is not None, "a payout's statement is sealed"
            path = out / "statements" / f"{payout.window}.{payout.party_id}{Path(name).suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _line(session: Session) -> tuple[object, ...]:
    money = _amounts(session.bill) if session.bill else ("",) * len(_BILLED)
    code = session.payment.hold.currency
    about = (session.id, session.state.value, session.reason, session.window)
    return (*about, session.energy_kwh, code, *money, session.evidence)


def _amounts(bill: Bill) -> tuple[int, ...]:
    vat = sum(due.minor for due in bill.vat_due.values())
    known = (bill.gross, bill.cpo_due, bill.partner_due, bill.platform)
    return (*(money.minor for money in known), vat)


def _none(way: Replayed) -> tuple[object, ...]:
    return ("", "refused", way.refused)


def show(console: Console, audit: Audit, ways: list[Replayed], rows: Rows, out: Path) -> None:
    """Everything, in the order of the money."""
    console.print(_months(audit))
    show_refused(console, rows)
    _show_complaints(console, ways)
    console.print(checks_table(audit))
    summary = audit.summary
    verdict = "[bold green]balanced[/]" if summary["balanced"] else "[bold red]NOT balanced[/]"
    console.print(
        f"\n{len(rows.good) + len(rows.refused)} rows: {len(rows.refused)} make no sense,"
        f" {summary['refused']} starts refused, {summary['sessions']} sessions:"
        f" {summary['settled']} settled, {summary['held']} held. The books are {verdict}."
        f"\n\n  {out}/summary.json   the figures\n  {out}/sessions.csv   one line a session"
        f"\n  {out}/refused.csv    rows that make no sense"
        f"\n  {out}/statements/    what each party was told"
    )


def _months(audit: Audit) -> Table:
    table = _table("By month", "month", "sessions", "kWh", *_BILLED)
    months: dict[str, list[Session]] = {}
    for session in audit.records.sessions:
        if session.bill is not None:
            months.setdefault(str(session.window)[:7], []).append(session)
    everything = [session for month in months.values() for session in month]
    for name, sessions in [*sorted(months.items()), ("all", everything)]:
        bills = [session.bill for session in sessions if session.bill is not None]
        if bills:
            sums = [sum(column) for column in zip(*map(_amounts, bills), strict=True)]
            code = bills[0].gross.currency
            energy = f"{sum(session.energy_kwh for session in sessions):.1f}"
            amounts = (str(Money(minor, code)) for minor in sums)
            table.add_row(name, str(len(sessions)), energy, *amounts)
    return table


def show_refused(console: Console, rows: Rows) -> None:
    if not rows.refused:
        return
    by_code = Counter(row.code for row in rows.refused).most_common()
    said = ", ".join(f"{count} {code}" for code, count in by_code)
    table = _table(f"Rows that make no sense: {said}", "line", "session", "why", "detail")
    for row in rows.refused[:_ROWS_SHOWN]:
        table.add_row(str(row.line), row.id, row.code, row.detail)
    console.print(table)


def _show_complaints(console: Console, ways: list[Replayed]) -> None:
    table = _table("Sessions that did not go through", "row", "session", "refused", "what was said")
    for way in ways:
        if way.refused or way.complaints:
            table.add_row(way.row.id, way.session_id, way.refused, "; ".join(way.complaints))
    if table.row_count:
        console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    return table
