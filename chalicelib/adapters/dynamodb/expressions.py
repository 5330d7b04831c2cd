"""How is a write or a range said in DynamoDB's own words? Requests without a client."""

from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.dynamodb.packed import packed
from chalicelib.domain.canonical import canonical_bytes
from chalicelib.ports.store import ABSENT, Delete, Key, Put, Require, Write

ITEM_BYTES_MAX = 400_000
_LAST = "\U0010ffff"  # sorts behind every other character in UTF-8, DynamoDB's order
_NEXT = "\x00"  # appended to a text, makes the one right behind it

# Attribute names and the numbers v, e and ttl, generously: a few bytes below a unit do not matter.
_COUNTERS_BYTES = 32

Request = dict[str, Any]


def stored_key(key: Key) -> Request:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def body_text(write: Put) -> str:
    body = canonical_bytes(write.body)
    assert len(body) <= ITEM_BYTES_MAX, "an item is at most 400 KB"
    return body.decode()


def request(table: str, write: Write) -> tuple[str, Request]:
    """A write as a part of a transaction: `Put`, `Update`, `Delete` or `ConditionCheck`."""
    match write:
        case Put(expects=None):
            # Only an update can count on from a version that nobody has read.
            return "Update", _update(table, write)
        case Put():
            return "Put", _put(table, write)
        case Delete(expects=None):
            return "Delete", {"TableName": table, "Key": stored_key(write.key)}
        case Delete() | Require():
            part = {
                "TableName": table,
                "Key": stored_key(write.key),
                **_expectation(_known(write.expects)),
            }
            return "Delete" if isinstance(write, Delete) else "ConditionCheck", part


def _put(table: str, write: Put) -> Request:
    expects = _known(write.expects)
    return {
        "TableName": table,
        "Item": {
            **stored_key(write.key),
            "v": {"N": str(expects + 1)},
            **_body(write),
            **_optional(write),
        },
        **_expectation(expects),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def key_condition(
    pk: str, prefix: str, after: str, *, descending: bool = False, until: str = ""
) -> Request | None:
    """The range of a query; None when nothing can lie in it."""
    values = {":pk": {"S": pk}}
    if until:
        assert not prefix, "a range ends by one of them"
        if after:
            return _between(after, until + _LAST, values)
        return _condition("pk = :pk AND sk <= :a", values | {":a": {"S": until + _LAST}})
    if not after:
        if prefix:
            return _condition("pk = :pk AND begins_with(sk, :a)", values | {":a": {"S": prefix}})
        return _condition("pk = :pk", values)
    if not prefix:
        sign = "<" if descending else ">"
        return _condition(f"pk = :pk AND sk {sign} :a", values | {":a": {"S": after}})
    # A key condition takes one comparison of sk, so that prefix and `after` become one interval.
    low = prefix if descending else max(prefix, after + _NEXT)
    high = min(after, prefix + _LAST) if descending else prefix + _LAST
    return _between(low, high, values)


def _between(low: str, high: str, values: Mapping[str, Any]) -> Request | None:
    if low > high:
        return None
    ends = {":a": {"S": low}, ":b": {"S": high}}
    return _condition("pk = :pk AND sk BETWEEN :a AND :b", {**values, **ends})


def _body(write: Put) -> Mapping[str, Any]:
    """`b` or `z` (see `packed`), whichever makes the smaller item."""
    key = len(write.key.pk.encode()) + len(write.key.sk.encode())
    return packed(body_text(write), key + _COUNTERS_BYTES)


def _condition(text: str, values: Mapping[str, Any]) -> Request:
    return {"KeyConditionExpression": text, "ExpressionAttributeValues": dict(values)}


def _known(version: int | None) -> int:
    assert version is not None, "a write without an expectation is an update"
    return version


def _expectation(version: int) -> Request:
    if version == ABSENT:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "v = :expects",
        "ExpressionAttributeValues": {":expects": {"N": str(version)}},
    }


def _optional(write: Put) -> Request:
    optional = {}
    if write.pending:
        optional["e"] = {"N": str(write.pending)}
    if write.expires_at is not None:
        optional["ttl"] = {"N": str(write.expires_at)}
    return optional


_REPLACED = ("b", "z", "e", "ttl")


def _update(table: str, write: Put) -> Request:
    given = {**_body(write), **_optional(write)}
    sets = ["v = if_not_exists(v, :zero) + :one"]
    sets += [f"#{name} = :{name}" for name in given]
    dropped = [f"#{name}" for name in _REPLACED if name not in given]
    values = {":zero": {"N": "0"}, ":one": {"N": "1"}}
    values |= {f":{name}": value for name, value in given.items()}
    return {
        "TableName": table,
        "Key": stored_key(write.key),
        "UpdateExpression": f"SET {', '.join(sets)}"
        + (f" REMOVE {', '.join(dropped)}" if dropped else ""),
        "ExpressionAttributeNames": {f"#{name}": name for name in _REPLACED},
        "ExpressionAttributeValues": values,
    }
