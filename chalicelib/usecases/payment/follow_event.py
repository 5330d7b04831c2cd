"""What follows from a provider's event? The object is read again, and its owner told.

Events come late, repeated and in any order, so none is believed but that something changed: what
the provider says now decides. Called by `run_effects` for the owner `webhook#…`.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, Write, WriteConflict
from chalicelib.usecases.partner.collect import top_up_changed
from chalicelib.usecases.payment.chargeback import follow_dispute
from chalicelib.usecases.payment.provider_changed import provider_changed
from chalicelib.usecases.payment.receive_event import SWEPT_AFTER, ProviderEvent
from chalicelib.usecases.payment.refund_failed import follow_refund
from chalicelib.usecases.payment.save_method import method_changed
from chalicelib.usecases.payout.rail_changed import rail_changed
from chalicelib.usecases.records import Record, due_row, find, write_rows_first

_ATTEMPTS_MAX = 10  # 5 minutes, doubled each time: about three days
_KEPT = timedelta(days=90)


class Unmatched(NotYet):
    """The event may have overtaken what it is about."""

    code = "unmatched"

    def __init__(self) -> None:
        super().__init__("it is about nothing that we know")


def follow_event(ports: Ports, pk: str) -> None:
    """Act on a kept event once; nothing to do is success. What cannot be done yet waits."""
    record = find(ports.store, Key(pk), ProviderEvent)
    if record is None or record.value.outcome:
        return
    try:
        outcome = _act(ports, record.value)
    except NotYet as reason:
        _later(ports, record, reason)
        return
    except (
        Rejected,
        Conflict,
    ) as refusal:  # the provider does not know its own object: people look at it
        outcome = refusal.code
    _write(ports, record, replace(record.value, outcome=outcome))


def _act(ports: Ports, event: ProviderEvent) -> str:
    if event.type.startswith("charge.dispute."):  # its metadata is its own: the payment has ours
        dispute = ports.payments.read_dispute(event.subject)
        return _of(follow_dispute(ports, dispute))
    if not event.owner:
        return "not_ours"
    if event.type.startswith("payout."):
        rail = ports.payouts.read_payout(event.subject, event.account)
        return "followed" if rail_changed(ports, event.owner, rail) else "kept_for_payout"
    return _of(_followed(ports, event))


def _followed(ports: Ports, event: ProviderEvent) -> object | None:
    if event.type.startswith("refund."):
        return follow_refund(ports, ports.payments.read_refund(event.subject))
    if event.type.startswith("setup_intent."):
        setup = ports.payments.read_setup(event.subject)
        return method_changed(ports, event.owner, setup)
    hold = ports.payments.read(event.subject)
    if event.owner.startswith("top_"):
        return top_up_changed(ports, event.owner, hold)
    return provider_changed(ports, event.owner, hold)


def _of(found: object | None) -> str:
    """What is of nothing that we know (yet) is kept, and asked again for three days."""
    if found is None:
        raise Unmatched
    return "followed"


def _later(ports: Ports, record: Record[ProviderEvent], reason: NotYet) -> None:
    attempts = record.value.attempts + 1
    if attempts >= _ATTEMPTS_MAX:
        code = reason.code
        outcome = code if isinstance(reason, Unmatched) else f"gave_up:{code}"
        _write(ports, record, replace(record.value, attempts=attempts, outcome=outcome))
        return
    due = ports.clock.now() + SWEPT_AFTER * 2**attempts
    later = replace(record.value, attempts=attempts)
    _write(ports, record, later, due_row(due, record.key.pk))


def _write(ports: Ports, record: Record[ProviderEvent], event: ProviderEvent, *more: Write) -> None:
    expires = int((event.received_at + _KEPT).timestamp())
    put = Put(record.key, to_plain(event), expects=record.version, expires_at=expires)
    try:
        write_rows_first(ports.store, *more, put)
    except WriteConflict:
        return  # another runner acted on it too, to the same end
