"""What was given up, and how is it tried again? Messages that lie in a queue for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class LetterKind(StrEnum):
    STREAM = "stream"  # a batch of the table's stream, by shard and sequence: its records lie there
    SCHEDULE = "schedule"  # a function that a schedule could not invoke
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Letter:
    """`about` is what the message tells, without what was in the records. `receipt` deletes it."""

    id: str
    kind: LetterKind
    given_up_at: str
    received: int  # how often it was looked at
    about: Mapping[str, Any]
    receipt: str


class DeadLetters(Protocol):
    def look(self, limit: int, hidden_s: int) -> Sequence[Letter]:
        """Some letters, at most `limit`; nobody else sees them for `hidden_s` seconds."""

    def owners(self, letter: Letter) -> Sequence[str] | None:
        """The partitions that a lost batch of the stream wrote; None: the stream has forgotten."""

    def invoke(self, letter: Letter) -> None:
        """Invoke the function that a schedule could not. Raises NotYet."""

    def delete(self, letter: Letter) -> None:
        """Take it out of the queue."""
