"""Which page of a list is asked for, and where is the next? (transport_and_format 4.1.4)"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.lenient.basic import instant

LIMIT = 100  # our X-Limit
_OFFSET_MAX = 1_000_000
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """`date_from` is inclusive and `date_to` exclusive, both by `last_updated`."""

    date_from: datetime | None
    date_to: datetime | None
    offset: int
    limit: int


def read_page(query: Mapping[str, str], most: int = LIMIT) -> Page:
    """The page that a query asks for, of at most so many objects. Raises Invalid."""
    limit = _whole(query, "limit", most)
    if limit == 0:
        raise Invalid("limit", "a page holds at least one object")
    return Page(
        _date(query, "date_from"),
        _date(query, "date_to"),
        _whole(query, "offset", 0),
        min(limit, most),
    )


def headers(page: Page, url: str, total: int, most: int = LIMIT) -> dict[str, str]:
    """The response headers of a page; `Link` keeps the filters and is absent on the last one."""
    found = {"X-Total-Count": str(total), "X-Limit": str(most)}
    following = page.offset + page.limit
    if following < total:
        found["Link"] = f'<{url}?{_query(page, following)}>; rel="next"'
    return found


def next_url(link: str) -> str:
    """The URL of `rel="next"` in a Link header, empty when there is none."""
    found = _NEXT.search(link)
    return found.group(1).strip() if found else ""


def _query(page: Page, offset: int) -> str:
    query: dict[str, str] = {}
    if page.date_from is not None:
        query["date_from"] = instant_text(page.date_from)
    if page.date_to is not None:
        query["date_to"] = instant_text(page.date_to)
    return urlencode({**query, "offset": str(offset), "limit": str(page.limit)})


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or int(text[:9]) > _OFFSET_MAX:
        raise Invalid(name, f"{text[:20]!r} is not a number from 0 to {_OFFSET_MAX}")
    return int(text)


def _date(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        return instant(text.replace(" ", "+"))  # an unescaped + of an offset arrives as a blank
    except ValueError as error:
        raise Invalid(name, str(error)) from error
