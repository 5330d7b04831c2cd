"""Is what the stream or a schedule gave up shown, and sent on its way again, once?"""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import moto
import pytest

from chalicelib.adapters.dead_letters import SqsDeadLetters
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.dead_letters import Letter, LetterKind
from chalicelib.usecases.effect.redrive import LETTERS_MAX, Redriven, redrive
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import World

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:sweep"


class Queue:
    """The failed batches of a table's stream, on moto."""

    def __init__(self) -> None:
        dynamodb = boto3.client("dynamodb")
        self.table = dynamodb
        self.stream = dynamodb.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]["LatestStreamArn"]
        self.sqs = boto3.client("sqs")
        self.url = self.sqs.create_queue(QueueName="failed")["QueueUrl"]
        self.letters = SqsDeadLetters(self.url)

    def write(self, pk: str, *, effects: bool = True) -> None:
        item: dict[str, Any] = {"pk": {"S": pk}, **({"e": {"N": "1"}} if effects else {})}
        self.table.put_item(TableName="t", Item=item)

    def give_up(self) -> None:
        """All that was written, as Lambda tells of a batch that it gave up."""
        streams = boto3.client("dynamodbstreams")
        (shard,) = streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]
        place = streams.get_shard_iterator(
            StreamArn=self.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = streams.get_records(ShardIterator=place)["Records"]
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        self.send(
            {
                "requestContext": {"condition": "RetryAttemptsExhausted"},
                "DDBStreamBatchInfo": {
                    "streamArn": self.stream,
                    "shardId": shard["ShardId"],
                    "startSequenceNumber": numbers[0],
                    "endSequenceNumber": numbers[-1],
                    "batchSize": len(numbers),
                },
            }
        )

    def send(self, body: object, **attributes: str) -> None:
        told = {n: {"DataType": "String", "StringValue": v} for n, v in attributes.items()}
        self.sqs.send_message(
            QueueUrl=self.url, MessageBody=json.dumps(body), MessageAttributes=told
        )

    def waiting(self) -> int:
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        told = found["Attributes"]
        return int(told["ApproximateNumberOfMessages"]) + int(
            told["ApproximateNumberOfMessagesNotVisible"]
        )


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with moto.mock_aws():
        yield Queue()


def test_a_batch_that_was_given_up_is_shown_and_its_owners_are_swept_again(queue: Queue) -> None:
    world = World()
    session = world.start()  # and the stream's batch of it got lost
    queue.write(f"session#{session.id}")
    queue.write("locations", effects=False)
    queue.give_up()
    (shown,) = queue.letters.look(10, 0)
    assert (shown.kind, shown.about["records"]) == (LetterKind.STREAM, 2)
    assert shown.about["why"] == "RetryAttemptsExhausted"
    (done,) = redrive(world.ports, queue.letters)
    assert (done.outcome, done.owners) == ("sent", (f"session#{session.id}",))
    assert queue.waiting() == 0
    rows = [name for name in world.ports.store.dump() if name.startswith("due#")]
    assert any(f"session#{session.id}" in name for name in rows)
    assert world.session(session.id).state is not SessionState.BILLED


def test_a_batch_that_the_stream_forgot_is_kept_until_people_let_it_go(queue: Queue) -> None:
    body = {"streamArn": queue.stream, "shardId": "shardId-gone", "batchSize": 1}
    numbers = {"startSequenceNumber": "1", "endSequenceNumber": "2"}
    queue.send({"DDBStreamBatchInfo": {**body, **numbers}})
    ports = MemoryPorts()
    (letter,) = queue.letters.look(10, 0)
    forgetful = Forgetful(letter)
    assert redrive(ports, forgetful)[0].outcome == "forgotten"
    assert not forgetful.deleted
    assert redrive(ports, forgetful, forget=True)[0].detail == "deleted"
    assert forgetful.deleted


class Forgetful:
    """A queue of one letter whose records are gone."""

    def __init__(self, letter: Letter) -> None:
        self._letter, self.deleted = letter, False

    def look(self, limit: int, hidden_s: int) -> list[Letter]:
        assert limit <= LETTERS_MAX
        assert hidden_s > 0
        return [self._letter]

    def owners(self, letter: Letter) -> None:
        assert letter is self._letter

    def invoke(self, letter: Letter) -> None:
        raise AssertionError(letter)

    def delete(self, letter: Letter) -> None:
        assert letter is self._letter
        self.deleted = True


def test_a_schedule_that_failed_is_invoked_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoked = list[str]()
    monkeypatch.setattr(
        SqsDeadLetters, "invoke", lambda _, letter: invoked.append(letter.about["function"])
    )
    queue.send({}, TARGET_ARN=FUNCTION, ERROR_CODE="Lambda.TooManyRequestsException")
    assert [done.outcome for done in redrive(MemoryPorts(), queue.letters)] == ["sent"]
    assert invoked == [FUNCTION]
    assert queue.waiting() == 0


def test_what_is_no_letter_of_ours_is_left_where_it_is(queue: Queue) -> None:
    queue.send("a stranger's")
    (done,) = redrive(MemoryPorts(), queue.letters)
    assert done.outcome == "left"
    assert queue.waiting() == 1


def test_a_redrive_is_bounded(queue: Queue) -> None:
    for _ in range(LETTERS_MAX + 3):
        queue.send({}, TARGET_ARN=FUNCTION)
    found: list[Redriven] = redrive(MemoryPorts(), Refusing(queue.url), limit=1000)
    assert 0 < len(found) <= LETTERS_MAX


class Refusing(SqsDeadLetters):
    def invoke(self, letter: Letter) -> None:
        """Nobody is there to be invoked."""
