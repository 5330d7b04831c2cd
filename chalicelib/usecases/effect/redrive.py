"""How is what was given up tried again? Each letter of a queue once, a few at a time.

A batch of the stream is not replayed: its owners get rows for the sweeper, which runs whatever is
due of them, once. So a redrive can be repeated, and can never overtake what happened since.
"""

from dataclasses import dataclass

from chalicelib.domain.errors import NotYet
from chalicelib.ports.bundle import Ports
from chalicelib.ports.dead_letters import DeadLetters, Letter, LetterKind
from chalicelib.usecases.records import due_row

LETTERS_MAX = 10  # of one redrive: what gave up once may give up again, and people look
_HIDDEN_S = 120  # while it is redriven; afterwards it is there again unless it was deleted


@dataclass(frozen=True, slots=True)
class Redriven:
    """`outcome`: sent, forgotten (the stream keeps a day), refused or left; `owners` are rows."""

    letter: str
    outcome: str
    owners: tuple[str, ...] = ()
    detail: str = ""


def redrive(
    ports: Ports, queue: DeadLetters, limit: int = LETTERS_MAX, *, forget: bool = False
) -> list[Redriven]:
    """Try at most `limit` letters again; each that was is deleted.

    `forget` deletes those whose records the stream no longer has: sessions and deliveries have
    rows of their own for the sweeper, and a lost charger's report is pulled.
    """
    letters = queue.look(min(limit, LETTERS_MAX), _HIDDEN_S)
    return [_tried(ports, queue, letter, forget=forget) for letter in letters]


def _tried(ports: Ports, queue: DeadLetters, letter: Letter, *, forget: bool) -> Redriven:
    try:
        if letter.kind is LetterKind.STREAM:
            return _run_again(ports, queue, letter, forget=forget)
        if letter.kind is LetterKind.SCHEDULE:
            queue.invoke(letter)
            queue.delete(letter)
            return Redriven(letter.id, "sent")
    except NotYet as reason:
        return Redriven(letter.id, "refused", detail=reason.code)
    return Redriven(letter.id, "left", detail="no letter of ours: look at what it tells")


def _run_again(ports: Ports, queue: DeadLetters, letter: Letter, *, forget: bool) -> Redriven:
    owners = queue.owners(letter)
    if owners is None:
        if forget:
            queue.delete(letter)
        return Redriven(letter.id, "forgotten", detail="deleted" if forget else "still there")
    for pk in owners:
        ports.store.write(due_row(ports.clock.now(), pk))
    queue.delete(letter)
    return Redriven(letter.id, "sent", tuple(owners))
