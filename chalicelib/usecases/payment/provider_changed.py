"""What does a provider's news of a hold change? The answer to a webhook, read again by us."""

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.payment.payment import AWAITS_PROVIDER, PaymentState
from chalicelib.domain.session.effects import without
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, HoldState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.capture import debited
from chalicelib.usecases.effect.money import held
from chalicelib.usecases.records import find, write_rows_first
from chalicelib.usecases.session.save import again, replacing


def provider_changed(ports: Ports, session_id: str, hold: Hold) -> Session | None:
    """Move the session by what the provider says now. None: the hold is none of ours.

    Only an outcome that we wait for moves anything: the bank's extra step done or failed, a direct
    debit paid or refused. Captures and releases are our own calls, and their effects record them.
    """

    def decide() -> Session | None:
        record = find(ports.store, keys.session(session_id), Session)
        if record is None:
            return None
        session = record.value
        if session.payment.state not in AWAITS_PROVIDER or hold.state is HoldState.PENDING:
            return session
        if session.payment.reference and session.payment.reference != hold.reference:
            return session  # another of its holds
        if session.payment.state is PaymentState.COLLECTING:
            outcome = debited(ports, session, hold)
            put = replacing(record, outcome.session, ports.clock.now())
            write_rows_first(ports.store, *outcome.writes, put)
            return outcome.session
        if session.state is not SessionState.REQUESTED:
            return session  # given up: its release is on the way, and this may be its echo
        moved = held(ports, without(session, EffectKind.HOLD), hold)
        if moved != session:
            ports.store.write(replacing(record, moved, ports.clock.now()))
        return moved

    return again(decide)
