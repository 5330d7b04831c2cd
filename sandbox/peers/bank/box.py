"""Where does the simulated bank's gateway exchange files? In the bucket that the channel fills."""

from typing import Any

_OUT, _IN = "out/", "in/"


class BucketSide:
    """Implements bank.BankSide on any S3 (`client` is boto3's)."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - made at run time
        self._client, self._bucket = client, bucket

    def instructions(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=_OUT
        )
        keys = (found["Key"] for page in pages for found in page.get("Contents", ()))
        return sorted(str(key).removeprefix(_OUT) for key in keys)

    def take(self, name: str) -> bytes:
        """Copied, not moved: whoever looks for what was put still finds it."""
        answer = self._client.get_object(Bucket=self._bucket, Key=_OUT + name)
        return bytes(answer["Body"].read())

    def bring(self, name: str, content: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=_IN + name, Body=content, ContentType="application/xml"
        )
