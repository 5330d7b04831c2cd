"""What is measured, and how is it shown? One function a section of `python -m bench`."""

from collections.abc import Callable, Sequence

from rich.table import Table

from bench import imports, journey, patching, pricing
from bench.budget import Budget, Section, at_least, at_most
from bench.counting import Written
from chalicelib.domain.agreement.agreement import PaymentMethod

UNITS_MAX = 32  # of everything but the PATCHes
_A = {
    PaymentMethod.CARD: "a card",
    PaymentMethod.PREPAID: "a prepaid",
    PaymentMethod.INVOICE: "an invoice",
}
_KINDS = {
    "charging": "charger's report",
    "due": "sweeper's row",
    "ended": "row of its window",
    "entry": "journal entry",
    "events": "event",
    "partner": "row of the partner's month",
}


def price() -> Section:
    """Pricing, against a loop that only multiplies."""
    rows = pricing.measure()
    table = _table("pricing", "what", "sessions/s", "x plain loop")
    for name, rate, _, ratio, _ in rows:
        table.add_row(name, f"{rate:,.0f}", f"{ratio:.2f}")
    _, rate, _, ratio, _ = rows[1]
    budgets = (
        at_least("price an energy tariff", rate, pricing.RATE_MIN, "/s", 0),
        at_least("… against a plain Decimal loop", ratio, pricing.RATIO_MIN, "x"),
    )
    return Section(budgets, (table,))


def patch() -> Section:
    """Accepting a session PATCH, against the sum of what it cannot do without."""
    found = patching.measure()
    table = _table("accept a session PATCH", "part", "µs", "")
    for name, taken in found.parts_us.items():
        table.add_row(name, f"{taken:,.0f}", "")
    table.add_row("sum of the parts", f"{found.sum_us:,.0f}", "1.00x", style="bold")
    table.add_row("the whole path", f"{found.path_us:,.0f}", f"{found.ratio:.2f}x", style="bold")
    what = "accept a session PATCH, against the sum of its parts"
    return Section((at_most(what, found.ratio, patching.RATIO_MAX, "x"),), (table,))


def units() -> Section:
    """DynamoDB write units of a whole session, by write."""
    budgets: list[Budget] = []
    tables = []
    for method in PaymentMethod:
        written = journey.Journey(method).run()
        patches = [w for w in written if w.step == journey.PATCHING]
        others = [w for w in written if w.step != journey.PATCHING]
        per_patch = sum(w.units for w in patches) / len(patches)
        total = sum(w.units for w in others)
        budgets.append(at_most(f"write units of {_A[method]} session", total, UNITS_MAX, "", 0))
        budgets.append(at_most("… and of each of its PATCHes", per_patch, 1, "", 2))
        tables.append(_itemised(method, others, len(patches)))
    return Section(tuple(budgets), tuple(tables))


def _itemised(method: PaymentMethod, written: Sequence[Written], patches: int) -> Table:
    title = f"write units of {_A[method]} session beside its {patches} PATCHes"
    table = _table(title, "when", "by", "item", "bytes", "units", "")
    step = ""
    for write in written:
        kind = write.key.pk.partition("#")[0]
        size = f"{write.bytes:,}" if write.bytes else "-"
        note = "in a transaction" if write.in_transaction else ""
        note = "refused" if write.refused else note
        when = "" if write.step == step else write.step
        step = write.step
        table.add_row(when, write.use_case, _KINDS.get(kind, kind), size, str(write.units), note)
    table.add_row("all", "", "", "", str(sum(w.units for w in written)), "", style="bold")
    return table


def import_time() -> Section:
    """What a cold start imports, and how large the zip is."""
    found = imports.measure()
    table = _table("import, processor time of whole processes", "what", "ms", "")
    table.add_row("chalice, pydantic, a DynamoDB client", f"{found.needed_ms:,.0f}", "1.00x")
    table.add_row("app.py", f"{found.app_ms:,.0f}", f"{found.ratio:.2f}x")
    both = found.both_ms
    table.add_row(
        "app.py, and the client of its first request",
        f"{both:,.0f}",
        f"{both / found.needed_ms:.2f}x",
    )
    what = "import app.py, against what it cannot do without"
    budgets = [at_most(what, found.ratio, imports.RATIO_MAX, "x")]
    size = imports.package_bytes()
    if size is not None:
        limit = imports.ZIP_BYTES_MAX / 1e6
        budgets.append(at_most("deployment zip", size / 1e6, limit, " MB"))
    return Section(tuple(budgets), (table,))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        numbers = column in {"sessions/s", "x plain loop", "µs", "ms", "bytes", "units"}
        table.add_column(column, justify="right" if numbers else "left")
    return table


SECTIONS: dict[str, Callable[[], Section]] = {
    "pricing": price,
    "patch": patch,
    "units": units,
    "imports": import_time,
}
