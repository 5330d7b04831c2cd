"""How does an auditor read a reconciliation? As Markdown that is plain text as well."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.codec import instant_text
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.reconciliation.identity import Identity
from chalicelib.domain.reconciliation.match import Closing
from chalicelib.domain.reconciliation.report import Report, age_hours


def report_text(report: Report) -> str:
    """The same figures as the plain form, in the same order."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    verdict = "balanced" if report.balanced else f"{len(report.differences)} differences"
    yield f"# Reconciliation of {report.scope}: {verdict}"
    yield ""
    seen = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    yield f"As of {instant_text(report.at)}. Looked at: {seen}. Nothing was adjusted."
    for identity in report.identities:
        yield from _identity(identity)
    if report.closings:
        yield from _closings(report.closings)
    if report.in_transit:
        yield from _section("In transit", ("where", "what", "of", "amount", "since"))
        for move in report.in_transit:
            since = "" if move.at is None else instant_text(move.at)
            net = ", ".join(_money(minor, code) for code, minor in move.net.items())
            yield _row(move.place, move.what.value, move.owner, net, since)
    yield from _differences(report)


def _identity(identity: Identity) -> Iterator[str]:
    code = identity.currency
    verdict = "holds" if identity.holds else "DOES NOT HOLD"
    yield from _section(f"Billed is owed, {code}: {verdict}", ("billed", "", "owed to", ""))
    billed = [(method, minor) for method, minor in identity.billed.items()]
    owed = [
        ("CPOs", identity.cpo),
        ("partners", identity.partner),
        ("platform", identity.platform),
        *((f"VAT {country}", minor) for country, minor in identity.vat.items()),
        ("held", identity.held),
        ("less losses", -identity.losses),
        *([("elsewhere", identity.other)] if identity.other else []),
    ]
    for number in range(max(len(billed), len(owed))):
        left = billed[number] if number < len(billed) else None
        right = owed[number] if number < len(owed) else None
        yield _row(*_pair(left, code), *_pair(right, code))
    total = sum(identity.billed.values())
    yield _row("**billed**", _money(total, code), "**owed**", _money(identity.owed, code))
    sold, bills = sum(identity.sold.values()), sum(identity.documented.values())
    yield ""
    told = f"Sales in the journal {_money(sold, code)}"
    yield f"{told}; by the sessions' bills {_money(bills, code)}."


def _closings(closings: Iterable[Closing]) -> Iterator[str]:
    columns = ("where the money lies", "booked", "in transit", "stated there", "difference")
    yield from _section("Cash closes at what its holder says", columns)
    for each in closings:
        amounts = (each.booked, each.in_transit, each.stated, each.difference)
        yield _row(each.place, *(_money(minor, each.currency) for minor in amounts))


def _differences(report: Report) -> Iterator[str]:
    if report.balanced:
        yield from ("", "## No differences")
        return
    columns = ("what", "of", "detail", "first seen", "hours", "whose turn")
    yield from _section("Differences", columns)
    for aged in report.differences:
        found = aged.difference
        yield _row(
            found.kind.value,
            found.subject,
            found.detail,
            instant_text(aged.first_seen),
            str(age_hours(aged, report.at)),
            aged.responsible.value,
        )


def _section(title: str, columns: tuple[str, ...]) -> Iterator[str]:
    yield from ("", f"## {title}", "", _row(*columns), _row(*("---" for _ in columns)))


def _pair(part: tuple[str, int] | None, code: Currency) -> tuple[str, str]:
    return ("", "") if part is None else (part[0], _money(part[1], code))


def _money(minor: int, code: Currency) -> str:
    return str(Money(minor, code))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
