"""Does every Files keep the same promises: written once, the same again is success?"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import moto
import pytest

from chalicelib.adapters.s3.files import S3Files
from chalicelib.ports.files import FileDiffers, Files
from sandbox.aws.local import REGION, LocalAws
from sandbox.memory.plain import MemoryFiles


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with moto.mock_aws():
        yield boto3.client("s3")


@pytest.fixture(params=["memory", "moto", pytest.param("local", marks=pytest.mark.aws)])
def files(request: pytest.FixtureRequest) -> Files:
    match request.param:
        case "memory":
            return MemoryFiles()
        case "moto":
            return _files_on(request.getfixturevalue("moto_client"))
        case _:
            return _files_on(request.getfixturevalue("local_aws").client("s3"))


def _files_on(client: Any) -> S3Files:
    name = f"contract-{uuid4().hex}"
    client.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=True,
    )
    files = S3Files(name)
    vars(files)["_client"] = client
    return files


def test_a_sealed_file_is_read_back(files: Files) -> None:
    files.seal("evidence/ses_1/quote.json", b'{"a":1}', "application/json")
    assert files.read("evidence/ses_1/quote.json") == b'{"a":1}'


def test_a_file_that_is_not_there_is_none(files: Files) -> None:
    assert files.read("nothing") is None


def test_the_same_content_again_is_success(files: Files) -> None:
    files.seal("a", b"same", "text/plain")
    files.seal("a", b"same", "text/plain")
    assert files.read("a") == b"same"


def test_other_content_is_refused_and_the_first_stays(files: Files) -> None:
    files.seal("a", b"first", "text/plain")
    with pytest.raises(FileDiffers) as caught:
        files.seal("a", b"second", "text/plain")
    assert caught.value.name == "a"
    assert files.read("a") == b"first"


def test_names_are_listed_by_prefix_in_order(files: Files) -> None:
    for name in ("b/2", "a/1", "b/1", "b"):
        files.seal(name, b"", "text/plain")
    assert files.names("b/") == ["b/1", "b/2"]
    assert files.names("") == ["a/1", "b", "b/1", "b/2"]
    assert files.names("c") == []


@pytest.mark.aws
def test_a_sealed_file_cannot_be_deleted_before_its_time(local_aws: LocalAws) -> None:
    client = local_aws.client("s3")
    files = _files_on(client)
    bucket = files._bucket
    client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    files.seal("a", b"kept", "text/plain")
    (version,) = client.list_object_versions(Bucket=bucket)["Versions"]
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key="a", VersionId=version["VersionId"])
