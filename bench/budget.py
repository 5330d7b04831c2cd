"""Is a figure within its budget? What every section of the bench reports."""

from dataclasses import dataclass, field

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Budget:
    """`measured` and `limit` are texts for people; `kept` is the verdict."""

    what: str
    measured: str
    limit: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The budgets of a section, and the tables that explain them."""

    budgets: tuple[Budget, ...]
    tables: tuple[Table, ...] = field(default=())


def at_most(what: str, measured: float, limit: float, unit: str, digits: int = 2) -> Budget:
    """A budget whose figure may not be above `limit`."""
    return Budget(
        what,
        f"{measured:,.{digits}f}{unit}",
        f"≤ {limit:,.{digits}f}{unit}",
        measured <= limit,
    )


def at_least(what: str, measured: float, limit: float, unit: str, digits: int = 2) -> Budget:
    """A budget whose figure may not be below `limit`."""
    return Budget(
        what,
        f"{measured:,.{digits}f}{unit}",
        f"≥ {limit:,.{digits}f}{unit}",
        measured >= limit,
    )


def verdicts(budgets: list[Budget]) -> Table:
    """All budgets, a line each."""
    table = Table(title="budgets", title_justify="left")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("")
    for budget in budgets:
        verdict = "[green]pass[/]" if budget.kept else "[bold red]FAIL[/]"
        table.add_row(budget.what, budget.measured, budget.limit, verdict)
    return table
