"""How are given-up messages read in SQS, and their records in the table's stream?"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotYet
from chalicelib.ports.dead_letters import Letter, LetterKind

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=2)
_A_CALL = 10  # messages; SQS gives no more at once
_GONE = {"TrimmedDataAccessException", "ResourceNotFoundException"}
_READS_MAX = 50  # of a shard that may be empty for long stretches


class QueueUnavailable(NotYet):
    code = "queue_unavailable"


class SqsDeadLetters:
    """One queue, by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _queue(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        return client("sqs", config=_CONFIG)

    def look(self, limit: int, hidden_s: int) -> Sequence[Letter]:
        answer = self._called(
            self._queue.receive_message,
            QueueUrl=self._url,
            MaxNumberOfMessages=min(limit, _A_CALL),
            VisibilityTimeout=hidden_s,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_letter(message) for message in answer.get("Messages", ())]

    def owners(self, letter: Letter) -> Sequence[str] | None:
        streams: Any = client("dynamodbstreams", config=_CONFIG)
        first, last = (str(letter.about[name]) for name in ("first", "last"))
        try:
            place = streams.get_shard_iterator(
                StreamArn=letter.about["stream"],
                ShardId=letter.about["shard"],
                ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=first,
            )["ShardIterator"]
            return list(dict.fromkeys(_owners(streams, place, int(last))))
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise QueueUnavailable(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise QueueUnavailable(type(error).__name__) from error

    def invoke(self, letter: Letter) -> None:
        functions: Any = client("lambda", config=_CONFIG)
        answer = self._called(
            functions.invoke,
            FunctionName=letter.about["function"],
            InvocationType="Event",
            Payload=b"{}",
        )
        if answer["StatusCode"] >= 300:  # noqa: PLR2004 - HTTP
            raise QueueUnavailable(f"status {answer['StatusCode']}")

    def delete(self, letter: Letter) -> None:
        self._called(self._queue.delete_message, QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def _called(self, call: Any, **request: Any) -> Any:  # noqa: ANN401 - boto3's
        try:
            return call(**request)
        except ClientError as error:
            raise QueueUnavailable(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise QueueUnavailable(type(error).__name__) from error


def _owners(streams: Any, place: str | None, last: int) -> list[str]:  # noqa: ANN401 - boto3's
    """The partitions of the records up to the batch's last that had effects to run."""
    found = list[str]()
    for _ in range(_READS_MAX):
        if place is None:
            break
        answer = streams.get_records(ShardIterator=place)
        for record in answer["Records"]:
            told = record["dynamodb"]
            if int(told["SequenceNumber"]) > last:
                return found
            if "e" in told.get("NewImage", ()):
                found.append(str(told["Keys"]["pk"]["S"]))
            if int(told["SequenceNumber"]) == last:
                return found
        place = answer.get("NextShardIterator")
    return found


def _letter(message: Mapping[str, Any]) -> Letter:
    kind, about = _about(message)
    system = message.get("Attributes", {})
    sent = datetime.fromtimestamp(int(system.get("SentTimestamp", "0")) // 1000, UTC)
    return Letter(
        id=message["MessageId"],
        kind=kind,
        given_up_at=instant_text(sent),
        received=int(system.get("ApproximateReceiveCount", "0")),
        about=about,
        receipt=message["ReceiptHandle"],
    )


def _about(message: Mapping[str, Any]) -> tuple[LetterKind, dict[str, Any]]:
    """What Lambda tells of a batch (DDBStreamBatchInfo), or the scheduler of a target."""
    try:
        body = json.loads(message["Body"])
    except ValueError:
        return LetterKind.UNKNOWN, {}
    batch = body.get("DDBStreamBatchInfo") if isinstance(body, dict) else None
    if batch:
        return LetterKind.STREAM, {
            "stream": batch["streamArn"],
            "shard": batch["shardId"],
            "first": batch["startSequenceNumber"],
            "last": batch["endSequenceNumber"],
            "records": batch["batchSize"],
            "why": body.get("requestContext", {}).get("condition", ""),
        }
    attributes = {
        name: value.get("StringValue", "")
        for name, value in message.get("MessageAttributes", {}).items()
    }
    if "TARGET_ARN" in attributes:
        return LetterKind.SCHEDULE, {
            "function": attributes["TARGET_ARN"],
            "why": attributes.get("ERROR_CODE", ""),
        }
    return LetterKind.UNKNOWN, {}
