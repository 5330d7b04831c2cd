"""Would our pull get through a CPO's list in its time, and how long does one answer take?

The bounds are those of the channel's own client; a list that the kit did not read to its end is
reckoned by what it says of its length.
"""

from dataclasses import dataclass

from chalicelib.adapters.ocpi_client.circuit import FAILURES_MAX, PAUSE, SLOW_S
from chalicelib.adapters.ocpi_client.http import READ_S
from chalicelib.adapters.ocpi_client.pages import BYTES_MAX, PAGES_MAX, PULL_S_MAX, SPAN_S_MAX
from sandbox.conformance.finding import Outcome, Report
from sandbox.conformance.probe import Reply

_PAGING = "transport_and_format: Pagination"
_MB = 1_000_000


@dataclass
class Took:
    """What the pages of a list have cost, and how many objects it says that it has."""

    pages: int = 0
    objects: int = 0
    total: int = 0
    seconds: float = 0
    slowest_s: float = 0
    bytes: int = 0

    def plus(self, reply: Reply, objects: int) -> None:
        told = reply.headers.get("X-Total-Count", "")
        self.pages += 1
        self.objects += objects
        self.total = max(self.total, self.objects, int(told) if told.isdecimal() else 0)
        self.seconds += reply.took_s
        self.slowest_s = max(self.slowest_s, reply.took_s)
        self.bytes += len(reply.body)

    @property
    def whole(self) -> "Took":
        """All of the list, as far as its length is told."""
        share = self.total / self.objects if self.objects else 1
        return Took(
            round(self.pages * share),
            self.total,
            self.total,
            self.seconds * share,
            self.slowest_s,
            round(self.bytes * share),
        )


def judge(report: Report, module: str, took: Took, *, dated: bool) -> None:
    """What is too much for one pull is read by several; an answer that is too slow is lost."""
    hint = "answer a page within seconds, and let a page have a hundred objects"
    check = report.check(f"{module}: the list is read in our pull's time", _PAGING, hint)
    if not took.pages:
        check.skips("no page was answered")
        return
    whole = took.whole
    size = f"{whole.pages} pages, {whole.objects} objects, {whole.bytes / _MB:.1f} MB"
    check.found(Outcome.PASSED, f"{size} in {whole.seconds:.1f} s")
    longest = SPAN_S_MAX if dated else PULL_S_MAX
    if whole.seconds > longest or whole.bytes > BYTES_MAX:
        then = (
            "the span is halved until its parts fit, and the next pull goes on"
            if dated
            else "the next pull goes on at the next page, five minutes later"
        )
        check.is_mended(f"a pull reads for {longest} s and {BYTES_MAX // _MB} MB: {then}")
    if whole.pages > PAGES_MAX and whole.pages * longest > PAGES_MAX * whole.seconds:
        check.fails(f"a pull gives up after {PAGES_MAX} pages: one has a hundred objects at best")
    if took.slowest_s > READ_S:
        check.fails(f"a page took {took.slowest_s:.1f} s: we wait for {READ_S} s, and try again")
    elif took.slowest_s > SLOW_S:
        pause = PAUSE.total_seconds()
        told = f"after {FAILURES_MAX} such in a row we ask for nothing for {pause:g} s"
        check.is_mended(f"a page took {took.slowest_s:.1f} s, more than {SLOW_S}: {told}")
