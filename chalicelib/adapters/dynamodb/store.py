"""How is the Store kept in a DynamoDB table? Conditional puts and transactions over `pk, sk`.

An item is `pk`, `sk`, `v` (version), `b` (the body as canonical JSON; `z` where it is deflated, see
packed.py), `e` (pending effects; absent at 0, so that the stream's filter "exists" is the whole
test) and `ttl`.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.adapters.dynamodb.answers import read_as_told
from chalicelib.adapters.dynamodb.expressions import (
    Request,
    body_text,
    key_condition,
    request,
    stored_key,
)
from chalicelib.adapters.dynamodb.packed import body_of, text_of
from chalicelib.ports.store import (
    Item,
    Key,
    Put,
    Range,
    StoreUnavailable,
    Write,
    WriteConflict,
)

_TRANSACTION_ITEMS_MAX = 100
_BATCH_KEYS_MAX = 100
_AT_ONCE = 16  # reads side by side: no more than the client has connections
_CONFLICT_TRIES = 4  # another transaction holds an item for milliseconds
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=_AT_ONCE,
    # Both are done for every request and cost a third of it: our requests have one shape
    # (expressions.py; the table refuses another), and the name needs no list of features.
    parameter_validation=False,
    user_agent="plugrail",
)
_ALONE = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}
_EXPECTATIONS = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
}
_MALFORMED = {"ValidationException", "ValidationError", "IdempotentParameterMismatchException"}


A = TypeVar("A")
B = TypeVar("B")


class DynamoStore:
    """A Store over one table. Every fault that is not an expectation is StoreUnavailable."""

    def __init__(self, table: str) -> None:
        self._table = table

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        return read_as_told(client("dynamodb", config=_CONFIG))

    def get(self, key: Key) -> Item | None:
        answer = self._call(
            "get_item", TableName=self._table, Key=stored_key(key), ConsistentRead=True
        )
        found = answer.get("Item")
        return None if found is None else _item(found)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        wanted = [stored_key(key) for key in dict.fromkeys(keys)]
        batches = [
            wanted[start : start + _BATCH_KEYS_MAX]
            for start in range(0, len(wanted), _BATCH_KEYS_MAX)
        ]
        found = _side_by_side(lambda batch: list(self._batch(batch)), batches)
        return {item.key: item for items in found for item in items}

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        condition = key_condition(pk, prefix, after, descending=descending)
        return self._listed(condition, after, limit, descending=descending)

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        def one(asked: Range) -> list[Item]:
            pk, prefix, after, until = asked
            return self._listed(key_condition(pk, prefix, after, until=until), after, limit)

        return _side_by_side(one, ranges)

    def _listed(
        self, condition: Request | None, after: str, limit: int, *, descending: bool = False
    ) -> list[Item]:
        if condition is None:
            return []
        pages = self._pages({**condition, "ScanIndexForward": not descending}, limit)
        # BETWEEN includes its ends: `after` itself may come, and is not beyond `after`.
        beyond = (item for item in pages if item.key.sk != after)
        return list(islice(beyond, limit))

    def write(self, *writes: Write) -> None:
        keys = [write.key for write in writes]
        assert 0 < len(writes) <= _TRANSACTION_ITEMS_MAX, "1 to 100 items a transaction"
        assert len(set(keys)) == len(keys), "a transaction names each item once"
        for attempt in range(1, _CONFLICT_TRIES + 1):
            try:
                self._write_once(writes)
            except _Busy as busy:
                if attempt == _CONFLICT_TRIES:
                    raise WriteConflict(busy.keys) from busy
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, no secret
            else:
                return

    def _write_once(self, writes: Sequence[Write]) -> None:
        parts = [request(self._table, write) for write in writes]
        (word, alone), write = parts[0], writes[0]
        if len(parts) > 1 or word not in _ALONE:
            self._transact(writes, [{word: part} for word, part in parts])
            return
        try:
            self._call(_ALONE[word], **alone)
        except ClientError as error:
            if _code(error) == "TransactionConflictException":
                raise _Busy([write.key]) from error
            if not _arrived_before(error, write):
                raise WriteConflict([write.key]) from error

    def _transact(self, writes: Sequence[Write], parts: list[Any]) -> None:
        """The SDK adds a fresh client token, so that its own retries are the same transaction."""
        try:
            self._call("transact_write_items", TransactItems=parts)
        except ClientError as error:
            reasons = error.response["CancellationReasons"]
            causes = [str(reason.get("Code")) for reason in reasons]
            because = list(zip(writes, causes, strict=True))
            if failed := [write.key for write, why in because if why == "ConditionalCheckFailed"]:
                raise WriteConflict(failed) from error
            if busy := [write.key for write, why in because if why == "TransactionConflict"]:
                raise _Busy(busy) from error
            raise _refusal(error, causes) from error

    def _batch(self, keys: list[dict[str, Any]]) -> Iterator[Item]:
        wanted: dict[str, Any] = {self._table: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(8):
            answer = self._call("batch_get_item", RequestItems=wanted)
            yield from map(_item, answer["Responses"].get(self._table, ()))
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return
            time.sleep(0.02 * 2**attempt)
        raise StoreUnavailable("the table answered only a part of a batch")

    def _pages(self, condition: Mapping[str, Any], limit: int) -> Iterator[Item]:
        """A page ends at 1 MB, which says nothing about whether there is more."""
        request = {
            **condition,
            "TableName": self._table,
            "ConsistentRead": True,
            "Limit": limit + 1,
        }
        while True:
            answer = self._call("query", **request)
            yield from map(_item, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _call(self, operation: str, **request: Any) -> Any:  # noqa: ANN401
        try:
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            if _code(error) in _EXPECTATIONS:
                raise
            raise _refusal(error, [_code(error)]) from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"the table gave no answer: {type(error).__name__}") from error


def _side_by_side(call: Callable[[A], B], asked: Sequence[A]) -> list[B]:
    """In threads, where there are several: the client is made for them, and they only wait."""
    if len(asked) <= 1:
        return [call(one) for one in asked]
    with ThreadPoolExecutor(min(len(asked), _AT_ONCE)) as pool:
        return list(pool.map(call, asked))


class _Busy(Exception):
    """Another transaction is at these items right now."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__("another transaction holds an item")
        self.keys = tuple(keys)


def _refusal(error: ClientError, causes: Sequence[str]) -> Exception:
    """Throttling and faults pass; a request that DynamoDB finds malformed is a bug of ours."""
    if _MALFORMED.intersection(causes):
        return AssertionError(f"DynamoDB refused the request: {error}")
    return StoreUnavailable(f"the table answered {', '.join(sorted(set(causes)))}")


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _arrived_before(error: ClientError, write: Write) -> bool:
    """Whether the SDK's own retry met the item that its first, unanswered attempt had written."""
    if not isinstance(write, Put) or write.expects is None:
        return False
    found: Any = error.response.get("Item")
    return bool(
        error.response["ResponseMetadata"].get("RetryAttempts")
        and found
        and int(found["v"]["N"]) == write.expects + 1
        and text_of(found) == body_text(write)
    )


def _item(stored: Mapping[str, Any]) -> Item:
    key = Key(stored["pk"]["S"], stored["sk"]["S"])
    return Item(key, int(stored["v"]["N"]), body_of(stored))
