"""What came of performing one effect: the session, what to write with it, what to do next?"""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.errors import DomainError
from chalicelib.domain.session.session import Session
from chalicelib.ports.store import Write


@dataclass(frozen=True, slots=True)
class Outcome:
    """`after` runs once the write has succeeded: what may be sent at most once is sent there.

    `refusal` is a definite no that nobody expected: people must hear of it.
    """

    session: Session
    writes: tuple[Write, ...] = ()
    after: Callable[[], None] | None = None
    refusal: DomainError | None = None
