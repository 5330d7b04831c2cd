"""Does every Store keep the same promises? The fake in memory may not lie about DynamoDB."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import boto3
import moto
import pytest
from botocore.config import Config

from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.ports.store import (
    ABSENT,
    Delete,
    Item,
    Key,
    Put,
    Range,
    Require,
    Store,
    StoreUnavailable,
    WriteConflict,
)
from sandbox.aws.local import LocalAws
from sandbox.memory.store import MemoryStore
from sandbox.simulation.table import SimulatedTable
from tests.contract.stores import store_on

A, B, C = Key("p", "a"), Key("p", "b"), Key("q")


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with moto.mock_aws():
        yield boto3.client("dynamodb")


@pytest.fixture(
    params=["memory", "simulated", "moto", pytest.param("local", marks=pytest.mark.aws)]
)
def store(request: pytest.FixtureRequest) -> Store:
    match request.param:
        case "memory":
            return MemoryStore()
        case "simulated":
            return SimulatedTable()
        case "moto":
            return store_on(request.getfixturevalue("moto_client"))
        case _:
            return store_on(request.getfixturevalue("local_aws").client("dynamodb"))


def test_what_is_written_is_read_back_with_version_one(store: Store) -> None:
    body = {"n": 1, "text": "größer 10 €", "list": [1, "b", None, True], "in": {"a": {}}}
    store.write(Put(A, body))
    assert store.get(A) == Item(A, 1, body)
    assert store.get(B) is None


def test_each_write_is_the_next_version(store: Store) -> None:
    store.write(Put(A, {"n": 1}))
    store.write(Put(A, {"n": 2}, expects=1))
    store.write(Put(A, {"n": 3}, expects=None))
    assert store.get(A) == Item(A, 3, {"n": 3})


def test_a_put_of_what_must_be_absent_fails_when_it_is_there(store: Store) -> None:
    store.write(Put(A, {"n": 1}))
    with pytest.raises(WriteConflict) as caught:
        store.write(Put(A, {"n": 2}, expects=ABSENT))
    assert caught.value.keys == (A,)
    assert store.get(A) == Item(A, 1, {"n": 1})


def test_a_put_without_expectation_begins_at_version_one(store: Store) -> None:
    store.write(Put(A, {"n": 1}, expects=None))
    assert store.get(A) == Item(A, 1, {"n": 1})


def test_of_two_writers_of_one_version_the_second_fails(store: Store) -> None:
    store.write(Put(A, {"n": 1}))
    store.write(Put(A, {"n": 2}, expects=1))
    with pytest.raises(WriteConflict):
        store.write(Put(A, {"n": 3}, expects=1))


def test_a_transaction_writes_all_or_nothing_and_names_what_failed(store: Store) -> None:
    store.write(Put(A, {"n": 1}))
    with pytest.raises(WriteConflict) as caught:
        store.write(Put(A, {"n": 2}, expects=7), Put(B, {}), Require(C, 1))
    assert set(caught.value.keys) == {A, C}
    assert store.get(A) == Item(A, 1, {"n": 1})
    assert store.get(B) is None


def test_a_transaction_puts_deletes_and_requires_at_once(store: Store) -> None:
    store.write(Put(A, {"n": 1}), Put(B, {"n": 1}))
    store.write(Delete(A, expects=1), Put(B, {"n": 2}, expects=None), Require(C, ABSENT))
    assert store.get(A) is None
    assert store.get(B) == Item(B, 2, {"n": 2})


def test_a_requirement_alone_is_checked(store: Store) -> None:
    store.write(Put(A, {}))
    store.write(Require(A, 1))
    with pytest.raises(WriteConflict):
        store.write(Require(A, ABSENT))


def test_a_delete_may_expect_a_version_and_may_find_nothing(store: Store) -> None:
    store.write(Put(A, {}))
    with pytest.raises(WriteConflict):
        store.write(Delete(A, expects=2))
    store.write(Delete(A, expects=1))
    store.write(Delete(A))
    assert store.get(A) is None


def test_many_are_read_at_once_and_missing_ones_left_out(store: Store) -> None:
    store.write(Put(A, {"n": 1}), Put(C, {"n": 2}))
    found = store.get_many([A, B, C, A])
    assert found == {A: Item(A, 1, {"n": 1}), C: Item(C, 1, {"n": 2})}
    assert store.get_many([]) == {}


def test_more_than_a_hundred_are_read_at_once(store: Store) -> None:
    keys = [Key("many", f"{number:03}") for number in range(130)]
    for key in keys:
        store.write(Put(key, {}))
    assert set(store.get_many(keys)) == set(keys)


def _names(items: list[Item]) -> list[str]:
    return [item.key.sk for item in items]


@pytest.fixture
def filled(store: Store) -> Store:
    for name in ("a#1", "a#2", "a#3", "b#1", "b#2", "é"):
        store.write(Put(Key("p", name), {"name": name}))
    store.write(Put(Key("other", "a#9"), {}))
    return store


def test_a_partition_is_listed_in_order(filled: Store) -> None:
    assert _names(filled.query("p")) == ["a#1", "a#2", "a#3", "b#1", "b#2", "é"]
    assert _names(filled.query("p", descending=True)) == ["é", "b#2", "b#1", "a#3", "a#2", "a#1"]
    assert filled.query("nobody") == []


def test_several_lists_are_read_side_by_side_each_as_if_alone(filled: Store) -> None:
    asked = [
        Range("p", "a#"),
        Range("nobody"),
        Range("p", "", "a#2"),
        Range("p", "a#", "a#1"),
        Range("other"),
        Range("p", after="a#1", until="b"),
        Range("p", until="a#2"),
        Range("p", after="b", until="a"),
        *[Range("p")] * 30,  # more than there are connections
    ]
    lists = [_names(found) for found in filled.query_each(asked, limit=2)]
    assert lists[:5] == [["a#1", "a#2"], [], ["a#3", "b#1"], ["a#2", "a#3"], ["a#9"]]
    assert lists[5:8] == [["a#2", "a#3"], ["a#1", "a#2"], []]
    assert lists[8:] == [["a#1", "a#2"]] * 30
    (whole,) = filled.query_each([Range("p", after="a#1", until="b")])
    assert _names(whole) == ["a#2", "a#3", "b#1", "b#2"], "until: with all that begin so"
    assert filled.query_each([]) == []


def test_a_list_takes_a_prefix_and_a_limit(filled: Store) -> None:
    assert _names(filled.query("p", prefix="a#")) == ["a#1", "a#2", "a#3"]
    assert _names(filled.query("p", prefix="a#", limit=2)) == ["a#1", "a#2"]
    assert _names(filled.query("p", prefix="b#", descending=True, limit=1)) == ["b#2"]


@pytest.mark.parametrize(
    ("prefix", "after", "descending", "expected"),
    [
        ("", "a#3", False, ["b#1", "b#2", "é"]),
        ("", "b#1", True, ["a#3", "a#2", "a#1"]),
        ("a#", "a#1", False, ["a#2", "a#3"]),
        ("a#", "a#3", True, ["a#2", "a#1"]),
        ("a#", "a#15", False, ["a#2", "a#3"]),
        ("b#", "a#2", False, ["b#1", "b#2"]),
        ("a#", "b#1", False, []),
        ("b#", "a#2", True, []),
        ("a#", "b#1", True, ["a#3", "a#2", "a#1"]),
    ],
)
def test_a_list_goes_on_beyond_a_name(
    filled: Store, prefix: str, after: str, *, descending: bool, expected: list[str]
) -> None:
    found = filled.query("p", prefix=prefix, after=after, descending=descending)
    assert _names(found) == expected


def test_a_list_is_whole_although_a_page_ends_at_one_megabyte(store: Store) -> None:
    for number in range(8):
        store.write(Put(Key("large", str(number)), {"text": "x" * 300_000}))
    assert len(store.query("large", limit=8)) == 8


def test_an_item_over_400_kilobytes_is_a_bug(store: Store) -> None:
    with pytest.raises(AssertionError):
        store.write(Put(A, {"text": "x" * 400_001}))


def test_a_transaction_that_names_an_item_twice_is_a_bug(store: Store) -> None:
    with pytest.raises(AssertionError):
        store.write(Put(A, {}), Require(A, ABSENT))


def test_a_refused_request_is_a_bug_even_where_another_condition_fails(store: Store) -> None:
    with pytest.raises(AssertionError):
        store.write(Put(A, {"text": "x" * 400_001}, expects=7))


def test_a_transaction_has_1_to_100_items(store: Store) -> None:
    with pytest.raises(AssertionError):
        store.write()
    with pytest.raises(AssertionError):
        store.write(*(Put(Key("many", str(number)), {}) for number in range(101)))
    store.write(*(Put(Key("many", str(number)), {}) for number in range(100)))
    assert len(store.query("many", limit=101)) == 100


@pytest.mark.parametrize(  # moto does not know this rule
    "store", ["memory", "simulated", pytest.param("local", marks=pytest.mark.aws)], indirect=True
)
def test_a_transaction_is_at_most_4_megabytes(store: Store) -> None:
    digits = Random(0)
    texts = [b64encode(digits.randbytes(290_000)).decode() for _ in range(16)]
    puts = [Put(Key("large", str(number)), {"text": text}) for number, text in enumerate(texts)]
    with pytest.raises(AssertionError):
        store.write(*puts)
    assert store.query("large") == []
    store.write(*puts[:9])
    assert len(store.query("large")) == 9


@pytest.mark.parametrize(
    "key", [Key("", "a"), Key("p", ""), Key("p" * 2049, "a"), Key("p", "é" * 513)]
)
def test_a_key_is_neither_empty_nor_too_long(store: Store, key: Key) -> None:
    with pytest.raises(AssertionError):
        store.write(Put(key, {}))
    with pytest.raises(AssertionError):
        store.write(Put(A, {}), Put(key, {}))
    assert store.get(A) is None


def test_the_longest_keys_are_kept(store: Store) -> None:
    key = Key("p" * 2048, "é" * 512)
    store.write(Put(key, {}))
    assert store.get(key) == Item(key, 1, {})


@pytest.mark.aws
def test_of_writers_at_once_each_version_has_one(local_aws: LocalAws) -> None:
    store = store_on(local_aws.client("dynamodb"))
    store.write(Put(A, {"count": 0}), Put(B, {"count": 0}))

    def count() -> None:
        added = 0
        while added < 5:
            a, b = store.get(A), store.get(B)
            assert a is not None
            assert b is not None
            with suppress(WriteConflict):
                store.write(
                    Put(A, {"count": a.body["count"] + 1}, expects=a.version),
                    Put(B, {"count": b.body["count"] + 1}, expects=b.version),
                )
                added += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(A) == Item(A, 21, {"count": 20})
    assert store.get(B) == Item(B, 21, {"count": 20})


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_table_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    once = Config(retries={"max_attempts": 0})
    monkeypatch.setattr("chalicelib.adapters.dynamodb.store._CONFIG", once)
    with pytest.raises(StoreUnavailable):
        DynamoStore("nowhere").get(A)
