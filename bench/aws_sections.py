"""What is shown of AWS's bill, busy keys and searches? Three sections of `python -m bench`."""

from rich.table import Table

from bench import cost, hotness, messages, searching
from bench.budget import Section, at_most
from chalicelib.domain.agreement.agreement import PaymentMethod


def bill() -> Section:
    """A thousand sessions of a card, the dearest way to pay, with both kinds of API."""
    used, priced = cost.Used(PaymentMethod.CARD), cost.prices()
    both = {http: cost.bill(used, priced, ocpi_on_http=http) for http in (False, True)}
    title = f"AWS, a thousand sessions paid by card, at the prices of {priced.day}"
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    for column in ("a session", "$ on REST", "$ with OCPI on HTTP"):
        table.add_column(column, justify="right")
    rest = {part.what: part for part in both[False]}
    http = {part.what: part for part in both[True]}
    for what in dict.fromkeys([*rest, *http]):
        uses = {f"{parts[what].used:,.2f}" for parts in (rest, http) if what in parts}
        cells = [f"{parts[what].usd:.4f}" if what in parts else "-" for parts in (rest, http)]
        table.add_row(what, " / ".join(sorted(uses, key=len, reverse=True)), *cells)
    totals = [cost.total(both[http]) for http in (False, True)]
    table.add_row("all", "", *(f"{total:.4f}" for total in totals), style="bold")
    table.caption, table.caption_justify = _floor(both), "left"
    budgets = (
        at_most("AWS, 1,000 sessions, REST API, $", float(totals[0]), cost.REST_MAX, "", 3),
        at_most("… with OCPI on an HTTP API, $", float(totals[1]), cost.HTTP_MAX, "", 3),
    )
    return Section(budgets, (table, _reads(used)))


def _floor(both: dict[bool, list[cost.Part]]) -> str:
    rest, http = (float(cost.fixed(both[is_http])) for is_http in (False, True))
    others = float(cost.total(both[False])) - rest
    return (
        f"Requests, their invocations and what they write cost ${rest:.3f}, or ${http:.3f} with"
        f" OCPI on HTTP, by {messages.PATCHES} PATCHes a session. The budgets leave"
        f" ${cost.REST_MAX - rest:.3f} and ${cost.HTTP_MAX - http:.3f} for reads, functions, files"
        f" and logs, which are ${others:.3f}: only CPOs that send fewer PATCHes keep them."
    )


def _reads(used: cost.Used) -> Table:
    """Where a session's reads come from; those of one unit are summed up."""
    title = f"its {used.read_units} read units, in {used.reads} calls"
    table = Table(title=title, title_justify="left")
    for column in ("read by", "item", "units"):
        table.add_column(column, justify="right" if column == "units" else "left")
    several = [(by, units) for by, units in used.read_by.most_common() if units > 1]
    for (use_case, kind), units in several:
        table.add_row(use_case, kind, str(units))
    rest = used.read_units - sum(units for _, units in several)
    table.add_row("others", "", str(rest))
    return table


def keys() -> Section:
    """Write units a second of the busiest key of each kind."""
    table = Table(
        title=f"write units a second of one key, at {hotness.SESSIONS_A_SECOND:,} sessions/s",
        title_justify="left",
    )
    for column in ("kind of key", "units a session", "units/s of one key", ""):
        table.add_column(column, justify="right" if "units" in column else "left")
    hottest = 0.0
    for method in PaymentMethod:
        found = hotness.heat(cost.Used(method).written)
        hottest = max(hottest, found[0].units_a_second)
        table.add_section()
        for each in found:
            bar = "█" * max(1, round(each.units_a_second / 10))
            note = f"{bar} its own key: all in one second" if each.own else bar
            table.add_row(each.kind, str(each.units), f"{each.units_a_second:,.0f}", note)
    what = f"hottest key at {hotness.SESSIONS_A_SECOND:,} sessions/s, units/s"
    return Section((at_most(what, hottest, hotness.UNITS_MAX, "", 0),), (table,))


def find() -> Section:
    """Searches among 100,000 EVSEs, through AWS's own client."""
    table = Table(title="searches among 100,000 EVSEs, nothing known before", title_justify="left")
    table.add_column("search")
    for column in ("requests", "one after the other", "read units", "work, ms", "expected, s"):
        table.add_column(column, justify="right")
    budgets = []
    for name, found in searching.measure().items():
        counted = found.counted
        counts = [f"{one:,}" for one in (counted.requests, counted.in_series, counted.units)]
        table.add_row(name, *counts, f"{found.work_ms:.0f}", f"{found.expected_s:.2f}")
        budgets.append(at_most(name, found.expected_s, searching.EXPECTED_MAX_S, " s"))
    return Section(tuple(budgets), (table,))
