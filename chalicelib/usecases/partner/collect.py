"""How does the channel collect a partner's top-up itself?

The top-up is recorded with its effect; the provider's answer, or later its webhook, makes it a
receipt (top_up.py), which books the money and funds the purse once. What the bank takes back after
that is a chargeback of the top-up (taken_back.py).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import Role
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Invalid, NotFound, Rejected
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.payment import top_up as model
from chalicelib.domain.payment.decline import reason_of
from chalicelib.domain.payment.saved_method import MethodState, SavedMethod
from chalicelib.domain.payment.top_up import TopUp, TopUpDiffers, TopUpEvent, TopUpState
from chalicelib.domain.payment.waiting import added, settled, told, without
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, HoldRequest, HoldState
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import prepaid_agreements
from chalicelib.usecases.effect.answer import answered, with_fee
from chalicelib.usecases.effect.waiting import Came, begun, replacing, rows_of, run_waiting
from chalicelib.usecases.partner.give_back import listed_top_up, refund
from chalicelib.usecases.partner.top_up import top_up as receive_top_up
from chalicelib.usecases.party.read import check_partner
from chalicelib.usecases.payment.converted import came_in
from chalicelib.usecases.records import find, write_rows_first
from chalicelib.usecases.session.save import again

_LOOK_EVERY = timedelta(hours=12)
_GIVEN_UP_AFTER = timedelta(days=21)  # a direct debit's bank has answered by then


class MethodNotUsable(Rejected):
    """It is not one that the partner saved for itself, or it is not saved (any more)."""

    code = "method_not_usable"
    field = "method_id"
    how_to_fix = "save a payment method without `token_id`, and name it once it is `saved`"

    def __init__(self, method_id: str) -> None:
        super().__init__(f"{method_id!r} is no saved payment method of your own")
        self.method_id = method_id


def ask_top_up(
    ports: Ports, partner_id: PartyId, money: Money, method_id: str, key: str, return_url: str = ""
) -> TopUp:
    """Record a top-up from a method that the partner saved for itself; the same key is the same.

    Raises Invalid, MethodNotUsable, TopUpDiffers.
    """
    check_partner(ports, partner_id)
    if money.minor <= 0 or card_amount(money) != money:
        raise Invalid("money", f"{money} is not above zero, and an amount that can be charged")
    id_ = external_id("top", partner_id, key)
    place = keys.top_up(id_)
    record = find(ports.store, place, TopUp)
    if record is not None:
        return _same(record.value, money, method_id)
    _check_role(ports, partner_id)
    asked = TopUp(
        id=id_,
        partner_id=partner_id,
        money=money,
        method_id=method_id,
        source=_own_source(ports, partner_id, method_id),
        state=TopUpState.ASKED,
        asked_at=ports.clock.now(),
        return_url=return_url,
    )
    listed = listed_top_up(asked, asked.asked_at)
    return _same(begun(ports, place, EffectKind.COLLECT, asked, listed), money, method_id)


def _check_role(ports: Ports, partner_id: PartyId) -> None:
    """An agent's balance would be the CPOs': it could be used for no other, and never go back."""
    prepaid = prepaid_agreements(ports, partner_id, ports.clock.now().date())
    if any(agreement.role is not Role.COMMISSION_CHAIN for agreement in prepaid):
        raise Invalid("payment_method", "no balance is kept where the channel is a CPO's agent")


def _same(top_up: TopUp, money: Money, method_id: str) -> TopUp:
    if (top_up.money, top_up.method_id) != (money, method_id):
        raise TopUpDiffers(top_up.id)
    return top_up


def _own_source(ports: Ports, partner_id: PartyId, method_id: str) -> str:
    """A driver's method pays for that driver's charging only, and others' are not there."""
    record = find(ports.store, keys.method_setup(method_id), SavedMethod)
    method = None if record is None or record.value.partner_id != partner_id else record.value
    if method is None or method.token_id or method.state is not MethodState.SAVED:
        raise MethodNotUsable(method_id)
    return method.source


def read_top_up(ports: Ports, partner_id: PartyId, top_up_id: str) -> TopUp:
    """A partner's own top-up; another's looks as if it were not there. Raises NotFound."""
    record = find(ports.store, keys.top_up(top_up_id), TopUp)
    if record is None or record.value.partner_id != partner_id:
        raise NotFound("top_up", top_up_id, "top_up_id")
    return record.value


def run_top_up(ports: Ports, pk: str) -> None:
    perform = {
        EffectKind.COLLECT: _collect,
        EffectKind.LOOK_UP: _look_up,
        EffectKind.REFUND: refund,
    }
    run_waiting(ports, pk, TopUp, perform)


def top_up_changed(ports: Ports, top_up_id: str, hold: Hold) -> TopUp | None:
    """What the provider says of a top-up, by webhook. None: it is none of ours."""

    def decide() -> TopUp | None:
        record = find(ports.store, keys.top_up(top_up_id), TopUp)
        if record is None or record.value.state is TopUpState.PAID:
            return None if record is None else record.value
        if record.value.state not in model.OPEN and hold.captured is None:
            return record.value
        if record.value.reference not in {"", hold.reference}:
            return record.value
        came, at = _answered(ports, record.value, hold), ports.clock.now()
        rows = rows_of(came.owner, record.key.pk)
        write_rows_first(ports.store, *rows, *came.writes, replacing(record, came.owner, at))
        return came.owner

    return again(decide)


def _collect(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    if top_up.state not in model.OPEN:  # a webhook told first, after a try that died unrecorded
        return Came(settled(top_up, effect))
    request = HoldRequest(top_up.id, top_up.money, top_up.source, top_up.return_url)
    answer = answered(
        ports,
        effect,
        lambda: ports.payments.find(top_up.id),
        lambda: ports.payments.charge(request, f"{top_up.id}:{effect.id}"),
        lambda _: True,
    )
    return _answered(ports, settled(top_up, effect), answer)


def _look_up(ports: Ports, top_up: TopUp, effect: Effect) -> Came[TopUp]:
    """In case that the webhook was lost."""
    if top_up.state not in model.OPEN:
        return Came(settled(top_up, effect))
    return _answered(ports, settled(top_up, effect), ports.payments.read(top_up.reference))


def _answered(ports: Ports, top_up: TopUp, answer: Hold) -> Came[TopUp]:
    at, answer = ports.clock.now(), with_fee(ports, answer)
    top_up = replace(top_up, reference=answer.reference, action_url=answer.action_url)
    if answer.captured is not None:
        # Booked by its own owner, once a reference: a repeat after a crash is the same receipt.
        money, fee = answer.captured, answer.fee
        by = came_in(ports, answer.converted)
        receive_top_up(
            ports, top_up.partner_id, money, answer.reference, fee, converted=by, top_up=top_up.id
        )
        top_up = replace(top_up, converted=by)
        paid = model.advance(without(top_up, EffectKind.LOOK_UP), TopUpEvent.COLLECTED)
        return Came(told(paid, at, "balance.topped_up", minor=str(answer.captured.minor)))
    over = at - top_up.asked_at > _GIVEN_UP_AFTER
    if answer.state in {HoldState.PENDING, HoldState.ACTION_REQUIRED} and not over:
        return Came(_waits(top_up, answer, at))
    word = reason_of(answer.reason).value
    failed = model.advance(without(top_up, EffectKind.LOOK_UP), TopUpEvent.REFUSED)
    failed = replace(failed, reason=answer.reason)
    return Came(told(failed, at, "balance.top_up_failed", reason=word))


def _waits(top_up: TopUp, answer: Hold, at: datetime) -> TopUp:
    asks = answer.state is HoldState.ACTION_REQUIRED
    if asks and top_up.state is TopUpState.ASKED:
        top_up = model.advance(top_up, TopUpEvent.BANK_ASKS)
        top_up = told(top_up, at, "balance.action_required", url=answer.action_url)
    elif not asks and top_up.state is not TopUpState.PENDING:
        top_up = model.advance(top_up, TopUpEvent.ACCEPTED)
    return added(without(top_up, EffectKind.LOOK_UP), EffectKind.LOOK_UP, at, after=_LOOK_EVERY)
