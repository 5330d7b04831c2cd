"""What is measured, and how is it shown? One function a section of `python -m bench`."""

from collections.abc import Callable, Sequence

from rich.table import Table

from bench import (
    aws_sections,
    freezing,
    imports,
    journey,
    ledger,
    million,
    parsing,
    patching,
    pricing,
    records,
)
from bench.budget import Budget, Section, at_least, at_most
from bench.counting import Written
from chalicelib.domain.agreement.agreement import PaymentMethod

UNITS_MAX = 32  # of everything but the PATCHes
_A = {
    PaymentMethod.CARD: "a card",
    PaymentMethod.PREPAID: "a prepaid",
    PaymentMethod.INVOICE: "an invoice",
}
_NUMBERS = {
    *("sessions/s", "postings/s", "x plain loop", "CDRs/s", "x json alone"),
    *("µs", "ms", "bytes", "units"),
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
    found, grown = pricing.measure(), pricing.growth_mb()
    table = _table("pricing", "what", "sessions/s", "x plain loop")
    for name, rate in (
        ("a loop that only multiplies", found.plain),
        ("an energy tariff, with its lines", found.simple),
        (f"170 hourly elements, {pricing.PERIODS} periods", found.hourly_sessions),
    ):
        table.add_row(name, f"{rate:,.0f}", f"{rate / found.plain:.2f}")
    what = f"memory that {pricing.SESSIONS:,} sessions add"
    budgets = (
        at_least("price an energy tariff, with its lines", found.simple, pricing.RATE_MIN, "/s", 0),
        at_least("… against a plain Decimal loop", found.ratio, pricing.RATIO_MIN, "x"),
        at_most("a period of 170 hourly elements", found.hourly, pricing.HOURLY_MAX, "x"),
        at_most(what, grown, pricing.GROWTH_MAX_MB, " MB"),
    )
    return Section(budgets, (table,))


def parse() -> Section:
    """From a CDR's JSON text to its total, by a tariff that was prepared once."""
    rates = parsing.measure()
    table = _table("from a CDR's JSON text", "what", "CDRs/s", "x json alone")
    alone, *_ = rates.values()
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", f"{rate / alone:.2f}")
    what = "JSON text to total"
    return Section((at_least(what, rates[what], parsing.RATE_MIN, "/s", 0),), (table,))


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


def post() -> Section:
    """Postings through the books in memory."""
    found = ledger.measure()
    table = _table("ledger postings in memory", "what", "postings/s")
    table.add_row("checked that each entry balances, summed up by account", f"{found.posted:,.0f}")
    table.add_row("entries made, with ids", f"{found.made:,.0f}")
    return Section((at_least("ledger postings", found.posted, ledger.RATE_MIN, "/s", 0),), (table,))


def window() -> Section:
    """A window of a million sessions, from its sealed files."""
    small, large = million.measure(million.SMALL), million.measure(million.SESSIONS)
    table = _table("settle a window, in one process", "part", "s", "s of a hundredth")
    for name, part in (
        ("read the lines, net", "net_s"),
        ("instruct each payout", "instruct_s"),
        ("read the entries, prove", "prove_s"),
        ("all", "seconds"),
    ):
        table.add_row(name, f"{getattr(large, part):.2f}", f"{getattr(small, part):.2f}")
    what = f"settle {large.sessions:,} sessions from sealed files"
    budgets = (
        at_most(what, large.seconds, million.SECONDS_MAX, " s"),
        at_most("… its memory", large.peak_mb, million.MB_MAX, " MB", 0),
        at_most("… log-log slope", million.slope(small, large), million.SLOPE_MAX, ""),
    )
    return Section(budgets, (table,))


def freeze() -> Section:
    """Sealing a window's entries, file by file."""
    small, large = freezing.measure(freezing.SMALL), freezing.measure(freezing.SESSIONS)
    table = _table("seal the last of four days", "sessions", "files", "µs", "MB")
    for found in (small, large):
        table.add_row(
            f"{found.sessions:,}", f"{found.files}", f"{found.us:,.0f}", f"{found.peak_mb:.0f}"
        )
    grown, slope = large.peak_mb - small.peak_mb, freezing.slope(small, large)
    what = f"memory that sealing {large.sessions:,} sessions takes"
    budgets = (
        at_most(what, large.peak_mb, freezing.MB_MAX, " MB", 0),
        at_most(f"… more than {small.sessions:,}", grown, freezing.GROWTH_MB_MAX, " MB", 0),
        at_most("… log-log slope of the time", slope, freezing.SLOPE_MAX, ""),
        at_most("… its longest call", large.longest_s, freezing.CALL_S_MAX, " s"),
    )
    return Section(budgets, (table,))


def record() -> Section:
    """What settling a session costs where its records are read."""
    small, large = records.measure(records.SMALL), records.measure(records.SESSIONS)
    table = _table(
        f"settle sessions by their records, {large.sessions:,} of them", "part", "µs", ""
    )
    for name, seconds in (
        ("reconcile: session, CDR, price again, journal", large.reconcile_s),
        ("statements: JSON, CSV, PDF", large.document_s),
        ("a page of the session's evidence", large.tell_s),
        ("48-hour shares", large.shares_s),
        ("all", large.seconds),
    ):
        table.add_row(name, f"{large.us(seconds):,.0f}", "")
    budgets = (
        at_most(
            "settle a session by its records", large.us(large.seconds), records.US_MAX, " µs", 0
        ),
        at_most("… log-log slope", records.slope(small, large), records.SLOPE_MAX, ""),
        at_most("… memory", large.peak_mb, records.MB_MAX, " MB", 0),
    )
    return Section(budgets, (table,))


def import_time() -> Section:
    """What a cold start imports, and how large the zip is."""
    found = imports.measure()
    table = _table("import, processor time of whole processes", "what", "ms", "")
    table.add_row("chalice, pydantic, a DynamoDB client", f"{found.needed_ms:,.0f}", "1.00x")
    table.add_row("app.py", f"{found.app_ms:,.0f}", f"{found.ratio:.2f}x")
    for request, taken in found.first_ms.items():
        what = f"app.py, and {request} as its first request"
        table.add_row(what, f"{taken:,.0f}", f"{taken / found.needed_ms:.2f}x")
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
        numbers = column in _NUMBERS
        table.add_column(column, justify="right" if numbers else "left")
    return table


SECTIONS: dict[str, Callable[[], Section]] = {
    "pricing": price,
    "parsing": parse,
    "patch": patch,
    "units": units,
    "ledger": post,
    "cost": aws_sections.bill,
    "search": aws_sections.find,
    "keys": aws_sections.keys,
    "freeze": freeze,
    "window": window,
    "records": record,
    "imports": import_time,
}
