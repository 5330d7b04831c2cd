"""What does reading cost with AWS's own client? A table in memory, asked through it.

DynamoDB's answers are made beforehand and given where the client would open a socket. So what is
measured is the client's work and ours: requests signed, answers read.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSResponse, HTTPHeaders

from bench.counting import item_bytes
from chalicelib.adapters.dynamodb.expressions import request
from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.ports.store import Item, Key, Put
from sandbox.memory.store import MemoryStore

_TABLE = "bench"
_ANSWER_BYTES = 1_000_000
_FITS: dict[str, Callable[[str, str, str], bool]] = {
    "": lambda _sk, _low, _high: True,
    "begins_with(sk, :a)": lambda sk, low, _: sk.startswith(low),
    "sk > :a": lambda sk, low, _: sk > low,
    "sk <= :a": lambda sk, low, _: sk <= low,
    "sk BETWEEN :a AND :b": lambda sk, low, high: low <= sk <= high,
}


class AnsweredTable:
    """`store` asks it; `known` are the answers to what was asked before, by the request's body."""

    def __init__(self, memory: MemoryStore) -> None:
        self._memory = memory
        self.known: dict[bytes, bytes] = {}
        self.store = DynamoStore(_TABLE)
        client = self.store._client  # noqa: SLF001 - the very client that the adapter calls
        client.meta.events.register("before-send.dynamodb", self._answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's event
        body = bytes(request.body)
        if body not in self.known:
            operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
            made = getattr(self, f"_{operation}")(json.loads(body))
            self.known[body] = json.dumps(made, separators=(",", ":")).encode()
        raw: Any = _Raw(self.known[body])
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)

    def _GetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        found = self._memory.get(_key(asked["Key"]))
        return {} if found is None else {"Item": _stored(found)}

    def _BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        keys = [_key(one) for one in asked["RequestItems"][_TABLE]["Keys"]]
        found = self._memory.get_many(keys).values()
        return {"Responses": {_TABLE: [_stored(one) for one in found]}, "UnprocessedKeys": {}}

    def _Query(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        items, size = list[dict[str, Any]](), 0
        for item in self._range(asked):
            size += item_bytes(Put(item.key, item.body), item.version)
            items.append(_stored(item))
            if size > _ANSWER_BYTES or len(items) == asked["Limit"]:
                last = {name: items[-1][name] for name in ("pk", "sk")}
                return {"Items": items, "Count": len(items), "LastEvaluatedKey": last}
        return {"Items": items, "Count": len(items)}

    def _range(self, asked: dict[str, Any]) -> Iterator[Item]:
        values = {name: told["S"] for name, told in asked["ExpressionAttributeValues"].items()}
        fits = _FITS[asked["KeyConditionExpression"].partition(" AND ")[2]]
        after = asked.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        descending = not asked["ScanIndexForward"]
        found = self._memory.query(
            values[":pk"], after=after, limit=1_000_000, descending=descending
        )
        low, high = values.get(":a", ""), values.get(":b", "")
        return (item for item in found if fits(item.key.sk, low, high))


def _key(stored: dict[str, Any]) -> Key:
    return Key(stored["pk"]["S"], stored["sk"]["S"])


def _stored(item: Item) -> dict[str, Any]:
    put = Put(item.key, item.body, expects=item.version - 1)
    stored: dict[str, Any] = dict(request(_TABLE, put)[1]["Item"])
    if "z" in stored:
        stored["z"] = {"B": b64encode(stored["z"]["B"]).decode()}
    return stored


class _Raw:
    """An answer's body, as urllib3 would stream it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body
