"""How does an object leave the provider? Stripped, expanded, and in pages."""

from collections.abc import Iterable
from typing import Any

from sandbox.peers.provider.books import Books
from sandbox.peers.provider.refusals import Thing, invalid

_KINDS = {
    "acct": "account",
    "ch": "charge",
    "dp": "dispute",
    "pm": "payment_method",
    "pi": "payment_intent",
    "po": "payout",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "tu": "topup",
    "txn": "balance_transaction",
}
_PAGE = 10
_PAGE_MAX = 100


def shown(books: Books, thing: Thing) -> Thing:
    """The object as the outside sees it now."""
    out = {name: value for name, value in thing.items() if name[0] != "_"}
    if thing["object"] == "balance_transaction":
        out["status"] = "available" if thing["available_on"] <= books.now else "pending"
    if thing["object"] == "charge" and books.fees_late:
        out["balance_transaction"] = None
    return out


def expanded(books: Books, thing: Thing, paths: Iterable[str], account: str) -> Thing:
    """`latest_charge.balance_transaction` becomes the objects behind both ids."""
    out = shown(books, thing)
    for path in paths:
        _expand(books, out, thing, path.split("."), account)
    return out


def _expand(books: Books, out: Thing, source: Thing, path: list[str], account: str) -> None:
    name, rest = path[0], path[1:]
    if name == "refunds" and source["object"] == "charge":
        refunds = [re for re in books.newest("refund", account) if re["charge"] == source["id"]]
        url = f"/v1/charges/{source['id']}/refunds"
        out["refunds"] = page(url, [shown(books, re) for re in refunds], more=False)
        return
    if name not in source:
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    value = source[name]
    if value is None or out[name] is None:
        return
    inner = _behind(books, value, account) if isinstance(value, str) else None
    if inner is None:
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    if not isinstance(out[name], dict):
        out[name] = shown(books, inner)
    if rest:
        _expand(books, out[name], inner, rest, account)


def _behind(books: Books, id_: str, account: str) -> Thing | None:
    kind = _KINDS.get(id_.partition("_")[0])
    if kind is None:
        return None
    where = "" if kind == "account" else account
    return books.things[kind, where].get(id_)


def page(url: str, data: list[Thing], *, more: bool) -> Thing:
    return {"object": "list", "url": url, "has_more": more, "data": data}


def listed(
    books: Books, url: str, things: Iterable[Thing], query: Thing, filters: Thing, account: str
) -> Thing:
    """One page, newest first, of those whose fields equal the filters; created[gte] … too."""
    limit = whole(query.get("limit", _PAGE), "limit")
    if not 1 <= limit <= _PAGE_MAX:
        raise invalid(f"Invalid integer: {limit} is not in 1..{_PAGE_MAX}", param="limit")
    after, skipping = query.get("starting_after"), "starting_after" in query
    found: list[Thing] = []
    for thing in things:
        if skipping:
            skipping = thing["id"] != after
            continue
        if len(found) > limit:
            break
        if all(thing.get(name) == value for name, value in filters.items()) and _in_time(
            thing, query.get("created")
        ):
            found.append(thing)
    paths = [path.removeprefix("data.") for path in query.get("expand", [])]
    data = [expanded(books, thing, paths, account) for thing in found[:limit]]
    return page(url, data, more=len(found) > limit)


def _in_time(thing: Thing, created: Any) -> bool:  # noqa: ANN401 - a second or a range
    if created is None:
        return True
    at = thing["created"]
    if isinstance(created, str):
        return bool(at == whole(created, "created"))
    bounds = {name: whole(value, "created") for name, value in created.items()}
    return bool(
        at > bounds.get("gt", at - 1)
        and at >= bounds.get("gte", at)
        and at < bounds.get("lt", at + 1)
        and at <= bounds.get("lte", at)
    )


def whole(value: Any, param: str) -> int:  # noqa: ANN401 - a form's text, or a default
    """A form's integer, or Stripe's refusal of anything else."""
    text = str(value)
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise invalid(f"Invalid integer: {text}", "parameter_invalid_integer", param)
    return int(text)
