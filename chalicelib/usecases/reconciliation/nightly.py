"""How is the reconciliation of the whole books kept? Sealed each night, its differences aged.

A difference's row is written when it is first found and goes when it is gone, into the cleared
ones: how old it is does not depend on who looked.
"""

from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import instant_text
from chalicelib.domain.reconciliation.difference import Aged, Responsible
from chalicelib.domain.reconciliation.forward import BroughtForward, brought_forward
from chalicelib.domain.reconciliation.paper import report_text
from chalicelib.domain.reconciliation.report import Report, age_hours, plain_report
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.reconciliation.books import read_books, report_on
from chalicelib.usecases.reconciliation.untold import follow_untold
from chalicelib.usecases.records import create, find
from chalicelib.usecases.window.sealed import JSON, rows

_LASTS_H = 20  # a night's run is a day after the last one, or an hour less in March
_MARKDOWN = "text/markdown; charset=utf-8"


def reconcile_nightly(ports: Ports) -> dict[str, Any]:
    """Reconcile, age and seal; what an alarm counts. Run twice it changes nothing.

    What no webhook has told is followed, and agrees by the next night.

    What agreed for weeks is brought forward, so that a night's work does not grow with the years;
    `python -m sandbox books reconcile` compares everything.
    """
    record = find(ports.store, keys.brought_forward(), BroughtForward)
    since = record.value if record else None
    books = read_books(ports, since=since)
    report = report_on(ports, books, since=since)
    untold = follow_untold(ports, books.stated, {entry.id for entry in books.entries})
    _keep_open(ports, report)
    open_since = (aged.first_seen for aged in report.differences)
    after = brought_forward(since, books.booked, books.stated, open_since, report.at)
    if record is None:
        ports.store.write(create(keys.brought_forward(), after))
    elif after != since:
        ports.store.write(record.put(after))
    name = seal_report(ports, report, f"reconciliation/{report.at.date()}")
    ages = [age_hours(aged, report.at) for aged in report.differences]
    return {
        "report": name,
        "differences": len(ages),
        "oldest_hours": max(ages, default=0),
        "urgent": sum(_is_urgent(aged, report) for aged in report.differences),
        "entries": report.counts["entries"],
        "untold": untold,
    }


def _is_urgent(aged: Aged, report: Report) -> bool:
    """What moves on its own (an effect on its way, a late webhook) is gone by the next night."""
    lasts = age_hours(aged, report.at) >= _LASTS_H
    return lasts or aged.responsible is Responsible.PAYOUTS


def seal_report(ports: Ports, report: Report, folder: str) -> str:
    """Both forms, named by their content; the name of the one for programs."""
    plain = canonical_bytes(plain_report(report))
    stem = f"{folder}/{report.scope}-{sha256(plain).hexdigest()[:32]}"
    ports.files.seal(f"{stem}.json", plain, JSON)
    ports.files.seal(f"{stem}.md", report_text(report).encode(), _MARKDOWN)
    return f"{stem}.json"


def _keep_open(ports: Ports, report: Report) -> None:
    known = {row.key.sk: row for row in rows(ports, keys.open_differences())}
    for aged in report.differences:
        body = _body(aged)
        row = known.pop(aged.difference.id, None)
        if row is None or dict(row.body) != body:
            ports.store.write(Put(Key(keys.open_differences(), aged.difference.id), body, None))
    for row in known.values():
        _clear(ports, row, instant_text(report.at))


def _clear(ports: Ports, row: Item, at: str) -> None:
    """The row goes and what it said stays, in one transaction."""
    key = keys.cleared_difference(row.key.sk, row.body["first_seen"])
    ports.store.write(Put(key, {**row.body, "cleared_at": at}, None), Delete(row.key))


def _body(aged: Aged) -> dict[str, str]:
    return {
        "kind": aged.difference.kind.value,
        "subject": aged.difference.subject,
        "detail": aged.difference.detail,
        "first_seen": instant_text(aged.first_seen),
        "responsible": aged.responsible.value,
    }
