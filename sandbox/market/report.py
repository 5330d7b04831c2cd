"""What does a person see of the market? Progress while it runs, tables at its end."""

from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import Payout
from sandbox.market.audit import Audit
from sandbox.market.script import Trip

_SESSIONS_SHOWN = 80


def show(console: Console, audit: Audit, trips: dict[str, Trip], out: Path) -> None:
    """Everything, in the order of the money."""
    console.print(_sessions(audit, trips))
    console.print(_splits(audit))
    console.print(_payouts(audit))
    show_ends(console, audit, trips)
    ending(console, audit, out)


def show_ends(console: Console, audit: Audit, trips: dict[str, Trip]) -> None:
    """What is held, what was promised, where money lies, and whether it balances."""
    console.print(_held(audit, trips))
    console.print(_windows(audit))
    console.print(_holdings(audit))
    console.print(checks_table(audit))


def _sessions(audit: Audit, trips: dict[str, Trip]) -> Table:
    table = table_of(
        "Sessions", "#", "partner", "CPO", "kWh", "driver pays", "what happened", "state"
    )
    ordered = sorted(audit.records.sessions, key=lambda s: trips[s.id].number)
    for session in ordered[:_SESSIONS_SHOWN]:
        trip = trips[session.id]
        table.add_row(
            str(trip.number),
            trip.partner,
            trip.cpo,
            f"{session.energy_kwh:.1f}",
            _gross(session),
            _happened(trip),
            f"{session.state.value} {session.reason}".strip(),
        )
    return table


def _gross(session: Session) -> str:
    if session.bill is None:
        return ""
    claim = session.bill.claim
    asked = f" (CPO asked {claim.claimed})" if claim and claim.excess.minor > 0 else ""
    return f"{session.bill.gross}{asked}"


def _happened(trip: Trip) -> str:
    words = [] if trip.fault == "clean" else [trip.fault]
    if trip.card != "pm_card_visa":
        words.append(trip.card.removeprefix("pm_card_"))
    if trip.outage:
        words.append(f"provider's answer to {trip.outage} lost")
    if trip.planned_kwh:
        words.append(f"planned {trip.planned_kwh} kWh")
    if trip.stops_after_min:
        words.append("stopped by the partner")
    return ", ".join(words)


def _splits(audit: Audit) -> Table:
    table = table_of(
        "Whose money: billed sessions by CPO and partner",
        *("CPO", "partner", "sessions", "driver paid", "CPO", "partner", "platform", "VAT"),
    )
    groups: dict[tuple[str, str, str], list[Session]] = {}
    for session in audit.records.sessions:
        if session.bill is not None:
            key = (session.cpo_id, session.partner_id, session.bill.gross.currency)
            groups.setdefault(key, []).append(session)
    for (cpo, partner, code), sessions in sorted(groups.items()):
        bills = [session.bill for session in sessions if session.bill is not None]
        sums = [
            sum(bill.gross.minor for bill in bills),
            sum(bill.cpo_due.minor for bill in bills),
            sum(bill.partner_due.minor for bill in bills),
            sum(bill.platform.minor for bill in bills),
            sum(money.minor for bill in bills for money in bill.vat_due.values()),
        ]
        amounts = [str(Money(minor, Currency(code))) for minor in sums]
        table.add_row(cpo, partner, str(len(bills)), *amounts)
    return table


def _payouts(audit: Audit) -> Table:
    table = table_of(
        "Statements and payouts",
        "window",
        "payee",
        "sessions",
        "amount",
        "stage",
        "reference",
        "why",
    )
    for payout in sorted(audit.records.payouts, key=lambda p: (p.window, p.party_id)):
        table.add_row(
            payout.window,
            payout.party_id,
            str(payout.sessions),
            _paid(payout),
            payout.stage.value,
            payout.reference,
            payout.reason,
        )
    return table


def _paid(payout: Payout) -> str:
    if payout.money is not None:
        converted = " ".join(f"({c.given} at {c.rate:.6f})" for c in payout.conversions)
        return f"{payout.money} {converted}".strip()
    return ", ".join(str(money) for money in payout.due)


def _held(audit: Audit, trips: dict[str, Trip]) -> Table:
    table = table_of("Held, with the reason", "#", "session", "amount", "reason", "fault")
    for row in audit.summary["held_reasons"]:
        trip = trips[row["session"]]
        money = Money(row["minor"], Currency(row["currency"]))
        table.add_row(str(trip.number), row["session"], str(money), row["reason"], trip.fault)
    for reason, count in audit.summary["refused_reasons"].items():
        table.add_row("", f"{count} never became a session", "", reason, "", style="dim")
    return table


def _windows(audit: Audit) -> Table:
    table = table_of(
        "The 48-hour promise, over every billable session of the day",
        *("window", "stage", "billable", "accepted in 48 h", "credited in 48 h", "exceptions"),
    )
    for run in audit.records.windows:
        shares: dict[str, Any] = dict(run.shares or {})
        if not shares.get("billable"):
            continue  # nothing ended that day
        reasons = Counter(missed["reason"] for missed in shares.get("exceptions", []))
        table.add_row(
            run.id,
            run.stage.value,
            str(shares.get("billable", "")),
            _percent(shares.get("accepted_48h")),
            _percent(shares.get("credited_48h")),
            ", ".join(f"{count} {reason}" for reason, count in reasons.items()),
        )
    return table


def _holdings(audit: Audit) -> Table:
    table = table_of("Where money lies, by who holds it", "place", "amount")
    for place, amounts in audit.summary["at_provider_and_bank"].items():
        held = [str(Money(minor, Currency(code))) for code, minor in amounts.items()]
        table.add_row(place, ", ".join(held) or "nothing")
    return table


def _percent(share: str | None) -> str:
    return "" if share is None else f"{float(share):.1%}"


def checks_table(audit: Audit) -> Table:
    """Every check, and what is wrong where one failed."""
    table = table_of("Does it balance?", "", "check", "detail")
    for check in audit.checks:
        detail = "" if check.passed else check.detail
        table.add_row("[green]✓[/]" if check.passed else "[red]✗[/]", check.name, detail)
    return table


def table_of(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        right = column in {"#", "kWh", "sessions", "billable"}
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    return table


def ending(console: Console, audit: Audit, out: Path) -> None:
    summary = audit.summary
    verdict = "[bold green]balanced[/]" if summary["balanced"] else "[bold red]NOT balanced[/]"
    console.print(
        f"\n{summary['sessions']} sessions: {summary['settled']} settled, {summary['held']} held;"
        f" {summary['refused']} starts refused. The books are {verdict}."
    )
    console.print(
        f"\nLook further:\n"
        f"  {out}/summary.json          the figures\n"
        f"  {out}/statements/           what each party was told (JSON, CSV, PDF)\n"
        f"  {out}/evidence/             one pack a session\n"
        f"  python -m sandbox books trial --from {out}/books   (statement, journal, reconcile)\n"
        f"  python -m sandbox verify {out}/evidence/<session>\n"
        f"  make serve                  the same channel, to try by hand"
    )
