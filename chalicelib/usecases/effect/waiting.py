"""Which effects of an owner that is no session are due, and what came of them?

As for sessions (run.py): performed, then ONE write records what came of them; a crash in between
repeats them, and each is safe to repeat.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import DomainError, NotYet
from chalicelib.domain.ids import external_id
from chalicelib.domain.payment.waiting import Waiting, added, postponed, settled
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, Write, WriteConflict
from chalicelib.usecases.event.tell import tell
from chalicelib.usecases.records import Record, create, due_row, find, write_rows_first
from chalicelib.usecases.session.save import again

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
    """Perform what is due, one effect a round; what cannot be done yet waits, longer each time.

    A definite no that nobody expected waits too and stops no other effect: it is raised at the end,
    so that people hear of it.
    """
    refused: DomainError | None = None
    for _ in range(_ROUNDS):
        record = find(ports.store, Key(pk), kind)
        at = ports.clock.now()
        if record is None or not record.value.due(at):
            break
        effect = record.value.due(at)[0]
        try:
            came = _performed(ports, record.value, effect, perform)
        except WriteConflict:
            continue
        except DomainError as refusal:
            refused = refused if isinstance(refusal, NotYet) else refusal
            came = Came(postponed(record.value, effect, at))
        rows = rows_of(came.owner, pk)
        try:
            write_rows_first(ports.store, *rows, *came.writes, replacing(record, came.owner, at))
        except WriteConflict:
            continue  # somebody else changed it: read and decide again
    if refused is not None:
        raise refused


def begun(ports: Ports, key: Key, first: EffectKind, owner: W, *listed: Put) -> W:
    """The owner with its first effect, recorded once: the same request again finds it as it is.

    `listed` are rows that lead to it.
    """

    def decide() -> W:
        known = find(ports.store, key, type(owner))
        if known is not None:
            return known.value
        asked = added(owner, first, ports.clock.now())
        rows = (*rows_of(asked, key.pk), *listed)
        write_rows_first(ports.store, *rows, create(key, asked, pending=1))
        return asked

    return again(decide)


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
