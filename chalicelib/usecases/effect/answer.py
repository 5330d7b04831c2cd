"""How is a provider asked, so that a repeat moves no money twice?

Each call carries our key (owner and effect). Once the provider may have forgotten the key, the
object is looked up first; what is found is taken for the answer.
"""

from collections.abc import Callable

from chalicelib.domain.effect import Effect
from chalicelib.domain.session.effects import KEY_LIFE
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, ProviderUnavailable


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
    if ports.clock.now() - effect.made_at < KEY_LIFE:
        return call()
    found = look()
    if found is None:
        raise ProviderUnavailable(f"the outcome of {effect.id} is unknown")
    return found if done(found) else call()


def looked_up(ports: Ports, session: Session) -> Callable[[], Hold | None]:
    """The session's own hold, by its reference once that is known."""
    reference, number = session.payment.reference, session.payment.number or 1
    if reference:
        return lambda: ports.payments.read(reference)
    return lambda: ports.payments.find(session.id, number)


def session_owner(session: Session) -> str:
    return f"session#{session.id}"
