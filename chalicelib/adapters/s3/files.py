"""How are sealed files kept in S3? Written once: `If-None-Match` refuses a second writer."""

from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.domain.errors import NotYet
from chalicelib.ports.files import FileDiffers

_TRIES = 4
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    connect_timeout=2,
    read_timeout=20,
    s3={"addressing_style": "path"},
)
_WRITTEN_BEFORE = {"PreconditionFailed", "412"}
_BEING_WRITTEN = {"ConditionalRequestConflict", "409"}
_MISSING = {"NoSuchKey", "404"}


class FilesUnavailable(NotYet):
    """The bucket gave no answer: whether a file was written is unknown, and may be repeated."""

    code = "files_unavailable"


class S3Files:
    """The bucket's default retention (object lock) keeps every version for the years of the law."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        return client("s3", config=_CONFIG)

    def seal(self, name: str, content: bytes, content_type: str) -> None:
        assert content_type, "a file says what it is"
        for _ in range(_TRIES):
            why = self._put(name, content, content_type)
            if why is None:
                return
            found = self.read(name)
            if found == content:
                return
            if found is not None:
                raise FileDiffers(name)
        raise FilesUnavailable(f"{name} is being written by others")

    def read(self, name: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=name)
            return bytes(answer["Body"].read())
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            raise FilesUnavailable(_code(error)) from error
        except BotoCoreError as error:
            raise FilesUnavailable(type(error).__name__) from error

    def names(self, prefix: str) -> list[str]:
        return list(self.marks(prefix))

    def marks(self, prefix: str) -> dict[str, str]:
        """Each name with its entity tag, which other content changes."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        try:
            return {
                str(found["Key"]): str(found["ETag"])
                for page in pages
                for found in page.get("Contents", ())
            }
        except ClientError as error:
            raise FilesUnavailable(_code(error)) from error
        except BotoCoreError as error:
            raise FilesUnavailable(type(error).__name__) from error

    def _put(self, name: str, content: bytes, content_type: str) -> str | None:
        """None when written; else the code that says that somebody else has, or is at it."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=content,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",  # object lock wants a checksum
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) in _WRITTEN_BEFORE | _BEING_WRITTEN:
                return _code(error)
            raise FilesUnavailable(_code(error)) from error
        except BotoCoreError as error:
            raise FilesUnavailable(type(error).__name__) from error
        return None


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
