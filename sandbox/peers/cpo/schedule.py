"""Which messages does a visit cause, and when is each of them sent?

First what a faultless network would carry, then the plan's faults as changes of that list. A stop
changes only what comes after it, so that the count of what was sent stays true.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sandbox.peers.cpo.plan import Fault
from sandbox.peers.cpo.visit import Visit, timeout_s

_RESULT_AFTER_S = 1


class Kind(StrEnum):
    START_RESULT = "start_result"
    PUT = "put"
    PATCH = "patch"
    COMPLETED = "completed"
    CDR = "cdr"
    STOP_RESULT = "stop_result"


_OF_SESSION = (Kind.PUT, Kind.PATCH, Kind.COMPLETED)


@dataclass(frozen=True, slots=True)
class Message:
    """Sent at `at`, it tells the state as of `as_of`; a PATCH adds the periods from `since` on."""

    at: int
    kind: Kind
    as_of: int
    since: int = 0
    result: str = ""
    url: str = ""


def schedule(visit: Visit) -> list[Message]:
    """All messages of the visit in the order in which they are sent."""
    told = [*_commands(visit), *_transported(visit)]
    earliest = visit.commanded_at + _RESULT_AFTER_S
    told = [replace(message, at=max(message.at, earliest)) for message in told]
    if visit.has(Fault.REPEATED):
        told = [message for message in told for _ in range(2)]
    return sorted(told, key=lambda message: message.at)


def updates(visit: Visit) -> list[Message]:
    """The session's own history, whatever the network does with it."""
    if not visit.begins:
        return []
    charge, plan = visit.charge, visit.plan
    told = [Message(charge.start, Kind.PUT, charge.start)]
    if visit.has(Fault.STUCK_PENDING):
        return told
    since = charge.start
    if not plan.quiet:
        for at in range(charge.start + plan.update_s, charge.end, plan.update_s):
            told.append(Message(at, Kind.PATCH, at, since))
            since = at
    if not visit.has(Fault.STUCK_ACTIVE):
        told.append(Message(charge.end, Kind.COMPLETED, charge.end, since))
    return told


def cdr_made_at(visit: Visit) -> int | None:
    """When the CDR comes into being; None: never."""
    if not visit.billed:
        return None
    late = visit.plan.late_s if visit.has(Fault.CDR_LATE) else visit.plan.cdr_delay_s
    return visit.charge.end + late


def _commands(visit: Visit) -> Iterator[Message]:
    result, after = visit.obstacle or "ACCEPTED", _RESULT_AFTER_S
    if visit.has(Fault.START_REFUSED):
        result = "REJECTED"
    if visit.has(Fault.START_TIMED_OUT, Fault.START_TIMED_OUT_THEN_STARTED):
        result, after = "TIMEOUT", timeout_s()
    if visit.response_url and not visit.has(Fault.START_REJECTED, Fault.START_RESULT_LOST):
        at = visit.commanded_at + after
        yield Message(at, Kind.START_RESULT, at, result=result, url=visit.response_url)
    stopped = "REJECTED" if visit.has(Fault.STOP_REFUSED) else "ACCEPTED"
    for stop in visit.stops:
        at = stop.at + _RESULT_AFTER_S
        yield Message(at, Kind.STOP_RESULT, at, result=stopped, url=stop.response_url)


def _transported(visit: Visit) -> list[Message]:
    told = _late(visit, _lost(visit, updates(visit)))
    made_at = cdr_made_at(visit)
    if made_at is not None and not visit.has(Fault.CDR_NOT_PUSHED, Fault.CDR_WITHHELD):
        told.append(Message(made_at, Kind.CDR, made_at))
    return _reordered(told) if visit.has(Fault.REORDERED) else told


def _lost(visit: Visit, told: list[Message]) -> list[Message]:
    patches = [message for message in told if message.kind is Kind.PATCH]
    lost: list[Message] = patches[::2] if visit.has(Fault.LOST) else []
    kinds = {
        Fault.PUT_LOST: {Kind.PUT},
        Fault.COMPLETED_LOST: {Kind.COMPLETED},
        Fault.SESSION_LOST: set(_OF_SESSION),
    }
    gone = {kind for fault, named in kinds.items() if visit.has(fault) for kind in named}
    return [message for message in told if message not in lost and message.kind not in gone]


def _late(visit: Visit, told: list[Message]) -> list[Message]:
    delay = visit.plan.late_s if visit.has(Fault.LATE) else 0
    return [replace(message, at=message.at + delay) for message in told]


def _reordered(told: list[Message]) -> list[Message]:
    """After the PUT, each pair arrives when its second was due, second first."""
    head, rest = told[:1], told[1:]
    for first, second in zip(rest[::2], rest[1::2], strict=False):
        head += [second, replace(first, at=second.at)]
    return head + rest[len(rest) // 2 * 2 :]
