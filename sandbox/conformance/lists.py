"""Are a CPO's lists paged and filtered as OCPI says, and what do their objects say?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.adapters.ocpi_client.pages import PAGE, same_host
from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.body import MalformedJson, Sent, parse_items
from chalicelib.ocpi.envelope.pages import next_url
from chalicelib.ocpi.lenient.basic import instant
from sandbox.conformance.duration import Took, judge
from sandbox.conformance.finding import Check, Report
from sandbox.conformance.probe import Probe, Reply, Silent

_PAGING = "transport_and_format: Pagination"
_PAGES_MAX = 200
_OBJECTS_MAX = 10_000
_FUTURE = timedelta(days=1)


@dataclass
class Listed:
    """The objects of a module as they were sent; not all where there were too many to look at."""

    objects: list[Sent] = field(default_factory=list)


def pull(
    report: Report, probe: Probe, module: str, url: str, since: datetime, now: datetime
) -> Listed:
    """Read a list to its end, and try its filters."""
    hint = "answer GET with data: [...], Link for the next page, X-Total-Count and X-Limit"
    check = report.check(f"{module}: the list is read to its end", _PAGING, hint)
    found, dated = Listed(), module in ("sessions", "cdrs")
    query = {"date_from": instant_text(since)} if dated else {}
    took = Took()
    try:
        for reply, items in islice(pages(probe, url, {**query, "limit": str(PAGE)}), _PAGES_MAX):
            _headers(check, reply, items)
            found.objects.extend(items)
            took.plus(reply, len(items))
            if len(found.objects) >= _OBJECTS_MAX:
                break
    except Silent as error:
        check.fails(str(error))
        judge(report, module, took, dated=dated)
        return found
    _totals(check, found)
    judge(report, module, took, dated=dated)
    _small_pages(report, probe, module, url, query, found)
    _dates(report, probe, module, url, now, found)
    return found


def pages(probe: Probe, url: str, query: dict[str, str]) -> Iterator[tuple[Reply, list[Sent]]]:
    page, seen = _with(url, query), set[str]()
    while page:
        if page in seen:
            raise Silent(f"the Link leads round in a circle, to {page[:120]}")
        seen.add(page)
        reply = probe.get(page)
        yield reply, _items(reply)
        page = next_url(reply.headers.get("Link", ""))
        if page and not same_host(url, page):
            raise Silent(f"the Link leads to another host: {page[:120]}")


def _items(reply: Reply) -> list[Sent]:
    data = reply.data
    if data is None:
        return []
    try:
        return parse_items(reply.body)[1]
    except MalformedJson as error:
        raise Silent(f"data is no list of objects: {error}") from error


def _headers(check: Check, reply: Reply, items: list[Sent]) -> None:
    for name in ("X-Total-Count", "X-Limit"):
        told = reply.headers.get(name)
        if told is None or not told.isdecimal():
            check.is_mended(f"{name} is {told!r}: we go on until there is no Link")
    limit = reply.headers.get("X-Limit", "")
    if limit.isdecimal() and len(items) > int(limit):
        check.is_mended(f"a page has {len(items)} objects and X-Limit {limit}: all are read")


def _totals(check: Check, found: Listed) -> None:
    objects = (one.value for one in found.objects if isinstance(one.value, dict))
    for name, count in Counter(str(one.get("id")) for one in objects).items():
        if count > 1:
            check.is_mended(f"{name[:40]} is listed {count} times: the newest counts")


def _small_pages(
    report: Report, probe: Probe, module: str, url: str, query: dict[str, str], found: Listed
) -> None:
    hint = "a page has at most `limit` objects, and Link as long as more follow"
    check = report.check(f"{module}: limit and Link are kept to", _PAGING, hint)
    if len(found.objects) <= 1:
        check.skips(f"needs two {module}; there are {len(found.objects)}")
        return
    try:
        reply = probe.get(_with(url, {**query, "limit": "1"}))
        items = _items(reply)
    except Silent as error:
        check.fails(str(error))
        return
    if len(items) > 1:
        check.is_mended(f"limit=1 gave {len(items)} objects: all are read")
    elif not next_url(reply.headers.get("Link", "")):
        check.fails("limit=1 gave one object and no Link to the next")


def _dates(
    report: Report, probe: Probe, module: str, url: str, now: datetime, found: Listed
) -> None:
    hint = "last_updated decides: date_from is included, date_to is not"
    check = report.check(f"{module}: date_from and date_to are kept to", _PAGING, hint)
    dates = sorted(filter(None, (_updated(one.value) for one in found.objects)))
    if not dates:
        check.skips(f"needs {module} with last_updated")
        return
    middle = dates[len(dates) // 2]
    try:
        later = _items(probe.get(_with(url, {"date_from": instant_text(now + _FUTURE)})))
        since = _items(probe.get(_with(url, {"date_from": instant_text(middle), "limit": "100"})))
        span = {"date_from": instant_text(dates[0]), "date_to": instant_text(middle)}
        before = _items(probe.get(_with(url, {**span, "limit": "100"})))
    except Silent as error:
        check.fails(str(error))
        return
    if later:
        told = f"date_from of tomorrow gave {len(later)} objects"
        check.is_mended(f"{told}: what we know is read again each hour")
    for one in since:
        at = _updated(one.value)
        if at is not None and at < middle:
            check.is_mended(f"date_from={instant_text(middle)} gave {instant_text(at)}")
    if not since:
        told = f"date_from={instant_text(middle)} left out what was updated at that instant"
        check.is_mended(f"{told}: our spans overlap")
    for one in before:
        at = _updated(one.value)
        if at is not None and at >= middle:
            check.is_mended(f"date_to={instant_text(middle)} gave {instant_text(at)}")


def _updated(value: Any) -> datetime | None:  # noqa: ANN401 - any JSON
    try:
        return instant(str(value["last_updated"]))
    except (Invalid, KeyError, TypeError, ValueError):
        return None


def _with(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
