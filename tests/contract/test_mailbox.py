"""Does every mailbox hand a file over once, and tell whether it did?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import moto
import pytest

from chalicelib.adapters.s3.mailbox import S3Mailbox
from chalicelib.ports.bank import Mailbox
from chalicelib.ports.files import FileDiffers
from sandbox.aws.local import REGION
from sandbox.memory.bank import MemoryMailbox
from sandbox.peers.bank.bank import BankSide
from sandbox.peers.bank.box import BucketSide


@dataclass
class Post:
    """Both sides of one mailbox."""

    ours: Mailbox
    banks: BankSide


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with moto.mock_aws():
        yield boto3.client("s3")


@pytest.fixture(params=["memory", "moto", pytest.param("local", marks=pytest.mark.aws)])
def post(request: pytest.FixtureRequest) -> Post:
    made: dict[str, Callable[[], Post]] = {
        "memory": _in_memory,
        "moto": lambda: _on(request.getfixturevalue("moto_client")),
        "local": lambda: _on(request.getfixturevalue("local_aws").client("s3")),
    }
    return made[request.param]()


def _in_memory() -> Post:
    mailbox = MemoryMailbox()
    return Post(mailbox, mailbox)


def _on(client: Any) -> Post:
    name = f"mailbox-{uuid4().hex}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    mailbox = S3Mailbox(name)
    vars(mailbox._files)["_client"] = client
    return Post(mailbox, BucketSide(client, name))


def test_a_file_is_handed_over_once_and_looked_up(post: Post) -> None:
    assert not post.ours.was_put("a.xml")
    post.ours.put("a.xml", b"<a/>")
    post.ours.put("a.xml", b"<a/>")
    assert post.ours.was_put("a.xml")
    assert post.banks.instructions() == ["a.xml"]
    assert post.banks.take("a.xml") == b"<a/>"
    assert post.ours.was_put("a.xml")  # a gateway copies


def test_a_name_is_never_used_for_another_content(post: Post) -> None:
    post.ours.put("a.xml", b"<a/>")
    with pytest.raises(FileDiffers):
        post.ours.put("a.xml", b"<b/>")
    assert post.banks.take("a.xml") == b"<a/>"


def test_what_the_bank_brings_is_listed_and_read(post: Post) -> None:
    assert not post.ours.answers()
    post.banks.bring("2.xml", b"<two/>")
    post.banks.bring("1.xml", b"<one/>")
    post.ours.put("a.xml", b"<a/>")
    assert list(post.ours.answers()) == ["1.xml", "2.xml"]
    assert post.ours.read("2.xml") == b"<two/>"


def test_other_content_under_a_name_changes_its_mark_and_no_other(post: Post) -> None:
    post.banks.bring("1.xml", b"<one/>")
    post.banks.bring("2.xml", b"<two/>")
    before = post.ours.answers()
    post.banks.bring("2.xml", b"<three/>")
    after = post.ours.answers()
    assert after["1.xml"] == before["1.xml"]
    assert after["2.xml"] != before["2.xml"]
    assert post.ours.read("2.xml") == b"<three/>"
