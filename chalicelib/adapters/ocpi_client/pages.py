"""How is a whole list pulled? Page by page along `Link`, which keeps the filters, within limits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.ocpi.envelope.body import MalformedJson, Sent, parse_items
from chalicelib.ocpi.envelope.pages import next_url
from chalicelib.ocpi.lenient.basic import instant
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, ListTooLong

PAGE = 100
PAGES_MAX = 2000
PULL_S_MAX = 100  # a pull runs in a function of limited life; the next one goes on
BYTES_MAX = 16_000_000  # of a list at once: eight CPOs are read beside each other
SPAN_S_MAX = 60  # of a list that is asked for by its span: the sweeper waits for it, too
_SUCCESS = range(1000, 2000)
_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True)
class Page:
    """`at` is the peer's clock, `total` how long it says that the list is; None: not told."""

    items: list[Sent]
    at: datetime | None = None
    total: int | None = None
    next: str = ""


def crawl(
    get: Callable[[str], Answer], url: str, query: dict[str, str], rest: str = ""
) -> Iterator[Page]:
    """Every page, or those that one pull has time and room for: the last one's `next` goes on.

    Raises CpoUnavailable, ListTooLong: half of a span is no span.
    """
    spanned = "date_to" in query
    longest_s = SPAN_S_MAX if spanned else PULL_S_MAX
    deadline = time.monotonic() + longest_s
    page = f"{url}{'&' if '?' in url else '?'}{urlencode({**query, 'limit': PAGE})}"
    if rest and same_host(url, rest):  # else its endpoint has moved since, and it begins anew
        page = rest
    seen: set[str] = set()
    read = 0
    while page:
        if page in seen or len(seen) >= PAGES_MAX:
            raise CpoUnavailable("the list of pages does not come to an end")
        if spanned and (time.monotonic() > deadline or read > BYTES_MAX):
            raise ListTooLong(f"the list was not read within {longest_s} s and {BYTES_MAX} bytes")
        seen.add(page)
        answer = get(page)
        read += len(answer.body)
        page = _next(answer, url)
        yield _page(answer, page)
        if not spanned and (time.monotonic() > deadline or read > BYTES_MAX):
            return


def _page(answer: Answer, next_: str) -> Page:
    try:
        envelope, items = parse_items(answer.body)
    except MalformedJson as error:
        raise CpoUnavailable(f"the page is not OCPI: {error}") from error
    status = envelope.get("status_code")
    if not isinstance(status, int):
        raise CpoUnavailable("the page has no status_code")
    if status not in _SUCCESS:
        raise CpoRefused(status, str(envelope.get("status_message", ""))[:200])
    told = answer.total[:_DIGITS_MAX]
    total = int(told) if told.isascii() and told.isdecimal() else None
    return Page(items, _clock(envelope.get("timestamp")), total, next_)


def _clock(text: Any) -> datetime | None:  # noqa: ANN401 - any JSON
    try:
        return instant(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _next(answer: Answer, url: str) -> str:
    """The next page; it stays at the host that we were given, for our token goes along."""
    found = next_url(answer.link)
    if not found:
        return ""
    if not same_host(url, found):
        there = urlsplit(found)
        raise CpoUnavailable(f"the next page lies at another host, {there.netloc[:100]}")
    return found


def same_host(url: str, other: str) -> bool:
    here, there = urlsplit(url), urlsplit(other)
    return (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
