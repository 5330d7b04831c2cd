"""How is a provider asked, so that a repeat moves no money twice?

Each call carries our key (owner and effect). Once the provider may have forgotten the key, the
object is looked up first; what is found is taken for the answer. What is not found two hours after
our last call with the key never came to be (the provider's lists lag behind by less), and is asked
for again.
"""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.effect import Effect
from chalicelib.domain.session.effects import KEY_LIFE
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, ProviderUnavailable

_LISTS_LAG = timedelta(hours=2)


def key_of(session: Session, effect: Effect) -> str:
    return f"{session.id}:{effect.id}"


def answered(
    ports: Ports,
    effect: Effect,
    look: Callable[[], Hold | None],
    call: Callable[[], Hold],
    done: Callable[[Hold], bool],
) -> Hold:
    """The provider's answer; looked up first, once the key may be forgotten.

    What is found undone then was never done, and the hold itself knows it: it is asked for again.
    """
    age = ports.clock.now() - effect.made_at
    if age < KEY_LIFE:
        return call()
    found = look()
    if found is None and age < KEY_LIFE + _LISTS_LAG:
        raise ProviderUnavailable(f"the outcome of {effect.id} is unknown")
    return found if found is not None and done(found) else call()


def with_fee(ports: Ports, answer: Hold) -> Hold:
    """A capture with the fee of its balance transaction, which may lag behind: then it waits."""
    if answer.captured is None or answer.fee is not None:
        return answer
    answer = ports.payments.read(answer.reference)  # the key would repeat the answer without it
    if answer.captured is not None and answer.fee is None:
        raise ProviderUnavailable(f"the fee of {answer.reference} is not known yet")
    return answer


def looked_up(ports: Ports, session: Session) -> Callable[[], Hold | None]:
    """The session's own hold, by its reference once that is known."""
    reference, number = session.payment.reference, session.payment.number or 1
    if reference:
        return lambda: ports.payments.read(reference)
    return lambda: ports.payments.find(session.id, number)


def session_owner(session: Session) -> str:
    return f"session#{session.id}"
