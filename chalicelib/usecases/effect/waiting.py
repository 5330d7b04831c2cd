"""Which effects of an owner that is no session are due, and what came of them?

As for sessions (run.py): performed, then ONE write records what came of them; a crash in between
repeats them, and each is safe to repeat.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotYet
from chalicelib.domain.ids import external_id
from chalicelib.domain.payment.waiting import Waiting, postponed, settled
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, Write, WriteConflict
from chalicelib.usecases.event.tell import tell
from chalicelib.usecases.records import Record, due_row, find, write_rows_first

W = TypeVar("W", bound=Waiting)
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Came(Generic[W]):
    """The owner after an effect, and what is written with it."""

    owner: W
    writes: tuple[Write, ...] = ()


Perform = Callable[[Ports, W, Effect], Came[W]]


def run_waiting(
    ports: Ports, pk: str, kind: type[W], perform: Mapping[EffectKind, Perform[W]]
) -> None:
    """Perform what is due, one effect a round; what cannot be done yet waits, longer each time."""
    for _ in range(_ROUNDS):
        record = find(ports.store, Key(pk), kind)
        at = ports.clock.now()
        if record is None or not record.value.due(at):
            return
        effect = record.value.due(at)[0]
        try:
            came = _performed(ports, record.value, effect, perform)
        except NotYet as refusal:
            if isinstance(refusal, WriteConflict):
                continue
            came = Came(postponed(record.value, effect, at))
        rows = rows_of(came.owner, pk)
        try:
            write_rows_first(ports.store, *rows, *came.writes, replacing(record, came.owner, at))
        except WriteConflict:
            continue  # somebody else changed it: read and decide again


def replacing(record: Record[W], owner: W, at: datetime) -> Put:
    return record.put(owner, pending=len(owner.due(at)))


def rows_of(owner: Waiting, pk: str) -> tuple[Put, ...]:
    """The row by which the sweeper finds what is not due yet, or what the stream dropped."""
    if not owner.effects:
        return ()
    return (due_row(min(effect.due for effect in owner.effects), pk),)


def _performed(
    ports: Ports, owner: W, effect: Effect, perform: Mapping[EffectKind, Perform[W]]
) -> Came[W]:
    if effect.kind is not EffectKind.TELL_PARTNER:
        return perform[effect.kind](ports, owner, effect)
    sequence = int(effect.detail["sequence"])
    tell(
        ports,
        owner.partner_id,
        event_id=external_id("evt", owner.id, str(sequence)),
        type_=effect.detail["type"],
        sequence=sequence,
        at=effect.made_at,
        object_id=owner.id,
        data={n: v for n, v in effect.detail.items() if n not in {"type", "sequence"}},
    )
    return Came(settled(owner, effect))
