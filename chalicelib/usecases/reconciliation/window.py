"""What does a window's reconciliation say? Its identity by currency, and what was held and why.

Made of what Reconcile left for each sealed file, so that it costs no second look at any session.
"""

from collections.abc import Iterable, Iterator

from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind, aged
from chalicelib.domain.reconciliation.identity import Identity, identity_differences, merged
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.reconciliation.books import first_seen
from chalicelib.usecases.reconciliation.nightly import seal_report
from chalicelib.usecases.window.reconcile import Head, heads_in


def seal_window_report(ports: Ports, run: WindowRun) -> str:
    """Both forms, sealed beside the window's other files; the name of the one for programs."""
    at = ports.clock.now()
    heads = [head for _, head in heads_in(ports, run)]
    found = identities_of(heads)
    open_ = [*identity_differences(found, run.id), *_held(heads)]
    counts = {"files": len(run.sealed), "payouts": run.payouts}
    report = Report(run.id, at, counts, found, differences=aged(open_, first_seen(ports), at))
    return seal_report(ports, report, f"settlement/{run.id}")


def identities_of(heads: Iterable[Head]) -> tuple[Identity, ...]:
    """The window's, by currency."""
    return merged(each for head in heads for each in head.identities)


def _held(heads: Iterable[Head]) -> Iterator[Difference]:
    for head in heads:
        for held in head.held:
            yield Difference(DifferenceKind(held.reason), held.detail, held.entry.id)
