"""How does the CPO answer a GET of a list? Filtered, in pages with a next link."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.peers.cpo.envelope import INVALID_PARAMETERS, Refusal, reply
from sandbox.peers.cpo.wire import written
from sandbox.peers.serving import epoch


@dataclass(frozen=True, slots=True)
class Row:
    """An object of the list; it is made only when its page is asked for."""

    last_updated: int
    make: Callable[[], Any]
    site: Any = None  # where it was, of a session or CDR

    def told_in(self, version: str, module: str) -> "Row":
        """The same, as an OCPI version writes it."""
        return Row(self.last_updated, lambda: _written(version, module, self.make(), self.site))


def _written(version: str, module: str, body: Any, site: Any) -> Any:  # noqa: ANN401 - JSON
    try:
        return written(version, module, body, site)
    except (KeyError, TypeError, AttributeError):
        return body  # an object that is unfit in any version


def rows(published: Iterable[dict[str, Any]]) -> list[Row]:
    """Rows of ready objects. One without a readable date is always in, wherever it belongs."""
    return [Row(_updated(item), partial(dict, item)) for item in published]


def page(
    request: Request, now: str, found: Iterable[Row], limit_max: int, *, dated: bool = False
) -> Response:
    """One page of what is given in the order of creation, so that later pages stay where they are.

    `dated`: date_from is required, as it is for sessions.
    """
    query = request.query_params
    if dated and "date_from" not in query:
        raise Refusal(200, INVALID_PARAMETERS, "missing required parameter: date_from")
    since = _date(query.get("date_from"), 0)
    until = _date(query.get("date_to"), 1 << 62)
    offset = _count(query.get("offset"), 0, "offset")
    limit = min(_count(query.get("limit"), limit_max, "limit") or limit_max, limit_max)
    fitting = [row for row in found if row.last_updated < 0 or since <= row.last_updated < until]
    headers = {"X-Total-Count": str(len(fitting)), "X-Limit": str(limit_max)}
    if offset + limit < len(fitting):
        url = request.url.include_query_params(offset=offset + limit, limit=limit)
        headers["Link"] = f'<{url}>; rel="next"'
    data = [row.make() for row in fitting[offset : offset + limit]]
    return reply(request, now, data, headers=headers)


def _updated(item: dict[str, Any]) -> int:
    try:
        return epoch(item["last_updated"])
    except (KeyError, ValueError, TypeError):
        return -1


def _date(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return epoch(text)
    except ValueError as error:
        raise Refusal(200, INVALID_PARAMETERS, f"not a date: {text}") from error


def _count(text: str | None, default: int, name: str) -> int:
    if text is None:
        return default
    if not text.isdecimal():
        raise Refusal(200, INVALID_PARAMETERS, f"{name}: not a count: {text}")
    return int(text)
