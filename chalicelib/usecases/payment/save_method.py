"""How is a means of payment saved, used by a driver's token or its partner, and forgotten again?

The API calls no provider: it records the wish, and the effect opens the provider's form. Who holds
the form's secret can fill it in, so it is kept where secrets are, never in the table or in an
event, and only until the form is done: the partner reads it, for its app. The outcome comes by
webhook, or is looked up.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId, TokenId, external_id
from chalicelib.domain.payment import saved_method as model
from chalicelib.domain.payment.decline import reason_of
from chalicelib.domain.payment.saved_method import (
    MethodEvent,
    MethodKind,
    MethodState,
    SavedMethod,
)
from chalicelib.domain.payment.waiting import added, settled, told, without
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Setup, SetupRequest, SetupState
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import Came, begun, replacing, rows_of, run_waiting
from chalicelib.usecases.records import find, load, write_rows_first
from chalicelib.usecases.session.save import again
from chalicelib.usecases.token.read import token_by_id, token_record

_LOOK_EVERY = timedelta(hours=1)
_OFFERED_FOR = timedelta(days=1)  # then the driver has left the form


def ask_method(
    ports: Ports, partner_id: PartyId, token_id: str, kind: MethodKind, key: str
) -> SavedMethod:
    """Begin to save a means of payment for a token, or without one for the partner itself.

    The same key is the same one. Raises NotFound, IdempotencyKeyReused.
    """
    source = token_by_id(ports, partner_id, token_id).payment_source if token_id else ""
    id_ = external_id("mth", partner_id, key)
    asked = SavedMethod(
        id=id_,
        partner_id=partner_id,
        token_id=TokenId(token_id),
        kind=kind,
        state=MethodState.ASKED,
        asked_at=ports.clock.now(),
        customer=source.removeprefix("sepa:").rpartition("/")[0],
    )
    known = begun(ports, keys.method_setup(id_), EffectKind.SET_UP, asked)
    if (known.token_id, known.kind) != (token_id, kind):
        raise IdempotencyKeyReused
    return known


def read_method(ports: Ports, partner_id: PartyId, method_id: str) -> SavedMethod:
    """A partner's own; another's looks as if it were not there. Raises NotFound."""
    record = find(ports.store, keys.method_setup(method_id), SavedMethod)
    if record is None or record.value.partner_id != partner_id:
        raise NotFound("method", method_id, "method_id")
    return record.value


def form_secret(ports: Ports, method: SavedMethod) -> str:
    """What opens the provider's form, "" once there is none to fill in (or not yet)."""
    if method.state is not MethodState.OFFERED:
        return ""
    try:
        return ports.secrets.read(_secret_name(method))
    except KeyError:
        return ""


def _secret_name(method: SavedMethod) -> str:
    return f"payment-form/{method.id}"


def detach_method(ports: Ports, partner_id: PartyId, method_id: str) -> SavedMethod:
    """Forget a saved method: the token has it no more from now on, the provider soon after."""

    def decide() -> SavedMethod:
        record = load(ports.store, keys.method_setup(method_id), SavedMethod, "method")
        method, at = record.value, ports.clock.now()
        if method.partner_id != partner_id:
            raise NotFound("method", method_id, "method_id")
        if method.state is MethodState.DETACHED:
            return method
        gone = added(model.advance(method, MethodEvent.DETACHED), EffectKind.DETACH, at)
        rows = rows_of(gone, record.key.pk)
        token = _with_source(ports, method, "", only=method.source)
        write_rows_first(ports.store, *rows, replacing(record, gone, at), *token)
        return gone

    return again(decide)


def method_changed(ports: Ports, method_id: str, setup: Setup) -> SavedMethod | None:
    """What the provider says of a setup, by webhook. None: it is none of ours."""

    def decide() -> SavedMethod | None:
        record = find(ports.store, keys.method_setup(method_id), SavedMethod)
        if record is None:
            return None
        method = record.value
        if method.state is not MethodState.OFFERED or method.reference != setup.reference:
            return method  # only the form that we offered for it saves anything
        came, at = _answered(ports, method, setup), ports.clock.now()
        rows = rows_of(came.owner, record.key.pk)
        write_rows_first(ports.store, *rows, *came.writes, replacing(record, came.owner, at))
        return came.owner

    return again(decide)


def run_method(ports: Ports, pk: str) -> None:
    perform = {
        EffectKind.SET_UP: _set_up,
        EffectKind.LOOK_UP: _look_up,
        EffectKind.DETACH: _detach,
    }
    run_waiting(ports, pk, SavedMethod, perform)


def _set_up(ports: Ports, method: SavedMethod, effect: Effect) -> Came[SavedMethod]:
    """A form that was opened twice does no harm: nothing is saved but by the driver."""
    request = SetupRequest(method.id, method.kind.value, method.customer)
    setup = ports.payments.set_up(request, f"{method.id}:{effect.id}")
    return _answered(ports, settled(method, effect), setup)


def _look_up(ports: Ports, method: SavedMethod, effect: Effect) -> Came[SavedMethod]:
    if method.state is not MethodState.OFFERED:
        return Came(settled(method, effect))
    setup = ports.payments.read_setup(method.reference)
    return _answered(ports, settled(method, effect), setup)


def _answered(ports: Ports, method: SavedMethod, setup: Setup) -> Came[SavedMethod]:
    at = ports.clock.now()
    if method.customer not in {"", setup.customer}:
        setup = replace(setup, state=SetupState.FAILED, reason="other_customer")
    else:
        method = replace(method, customer=setup.customer)
    method = replace(method, reference=setup.reference)
    if setup.state is SetupState.SAVED:
        ports.secrets.delete(_secret_name(method))
        saved = model.advance(without(method, EffectKind.LOOK_UP), MethodEvent.SAVED)
        saved = replace(saved, source=setup.source)
        told_ = told(saved, at, "method.saved", token=method.token_id)
        return Came(told_, _with_source(ports, method, setup.source))
    if setup.state is SetupState.FAILED or at - method.asked_at > _OFFERED_FOR:
        ports.secrets.delete(_secret_name(method))
        failed = model.advance(without(method, EffectKind.LOOK_UP), MethodEvent.REFUSED)
        failed = replace(failed, reason=setup.reason or "not_completed")
        word = reason_of(setup.reason).value if setup.reason else "not_completed"
        return Came(told(failed, at, "method.failed", token=method.token_id, reason=word))
    if method.state is MethodState.ASKED:
        ports.secrets.write(_secret_name(method), setup.secret)
    return Came(_offered(method, at))


def _offered(method: SavedMethod, at: datetime) -> SavedMethod:
    if method.state is MethodState.ASKED:
        method = model.advance(method, MethodEvent.OFFERED)
        method = told(method, at, "method.action_required", token=method.token_id)
    return added(without(method, EffectKind.LOOK_UP), EffectKind.LOOK_UP, at, after=_LOOK_EVERY)


def _detach(ports: Ports, method: SavedMethod, effect: Effect) -> Came[SavedMethod]:
    ports.payments.detach(method.source, f"{method.id}:{effect.id}")
    return Came(settled(method, effect))


def _with_source(
    ports: Ports, method: SavedMethod, source: str, only: str | None = None
) -> tuple[Write, ...]:
    """The token's write. `only`: its source is left alone when it is another one by now."""
    if not method.token_id:
        return ()
    record = token_record(ports, method.partner_id, method.token_id)
    if only is not None and record.value.payment_source != only:
        return ()
    return (record.put(replace(record.value, payment_source=source)),)
