"""Bugs beside charging: disputes, banks, top-ups, people and partners' endpoints."""

from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.domain.dispute.chargeback import ChargebackEvent, ChargebackKind, ChargebackState
from chalicelib.domain.money import Money
from chalicelib.domain.payment.top_up import OPEN
from chalicelib.domain.payment.waiting import settled
from chalicelib.ports.payments import DisputeMove, DisputeState
from chalicelib.usecases.partner import collect as collecting
from sandbox.simulation.planted.plant import Planted, instead

_USE = "chalicelib.usecases."
_numbers = count()


def _undone_twice(right: Any) -> Any:
    """A refund asked for by a person, and once more by the effect that evens out."""

    def too_much(session: Any) -> Any:
        back = right(session)
        return back + back if back.minor else back

    return too_much


def _forgets_the_fee(right: Any) -> Any:
    def entry(owner: Any, against: Any, money: Any, fee: Any, at: Any, **named: Any) -> Any:
        return right(owner, against, money, Money.zero(fee.currency), at, **named)

    return entry


def _under_no_agreement(right: Any) -> Any:
    def entry(*args: Any, **named: Any) -> Any:
        return right(*args, **{name: ref for name, ref in named.items() if name != "agreement"})

    return entry


def _first_state_stays(right: Any) -> Any:
    """What the bank says of a dispute counts once: a decision that comes later is not heard."""

    def advanced(chargeback: Any, dispute: Any) -> Any:
        return chargeback if chargeback.effects else right(chargeback, dispute)

    return advanced


def _taken_at_once(right: Any) -> Any:
    """What is only asked about is booked as if it were gone."""

    def news(chargeback: Any, dispute: Any) -> Any:
        if dispute.state is not DisputeState.INQUIRY or chargeback.moves:
            return right(chargeback, dispute)
        nothing = Money.zero(dispute.money.currency)
        return (DisputeMove(f"txn_{dispute.reference}", -dispute.money, nothing),)

    return news


def _again_collected(right: Any) -> Any:
    """A try that died is made again although a webhook told its outcome meanwhile."""

    def collect(ports: Any, top_up: Any, effect: Any) -> Any:
        if top_up.state in OPEN:
            return right(ports, top_up, effect)
        answer = ports.payments.find(top_up.id)
        return collecting._answered(ports, settled(top_up, effect), answer)

    return collect


def _without_key(right: Any) -> Any:
    def back(ports: Any, partner_id: Any, top_up_id: Any, money: Any, _key: str) -> Any:
        return right(ports, partner_id, top_up_id, money, f"key-{next(_numbers)}")

    return lambda ports, *, partner_id, top_up_id, money, key: back(
        ports, partner_id, top_up_id, money, key
    )


def _undelivered(right: Any) -> Any:
    def answered(delivery: Any, status: int, at: Any) -> Any:
        return right(delivery, status or 204, at)

    return answered


def _always_paid(right: Any) -> Any:
    def debited(ports: Any, session: Any, answer: Any) -> Any:
        fee = Money.zero(answer.money.currency)
        return right(ports, session, replace(answer, captured=answer.money, fee=fee))

    return debited


BESIDE = (
    Planted(
        "a granted dispute is refunded twice",
        "chalicelib.domain.session.redress:paid_too_much",
        _undone_twice,
        by="dispute granted",
    ),
    Planted(
        "the fee of a chargeback is not booked",
        "chalicelib.domain.ledger.chargeback:moved_entry",
        _forgets_the_fee,
        by="chargeback won",
    ),
    Planted(
        "a loss is owed under no agreement",
        "chalicelib.domain.ledger.chargeback:lost_entry",
        _under_no_agreement,
        by="chargeback lost, set off",
    ),
    Planted(
        "a bank's decision is not heard",
        f"{_USE}payment.recorded:advanced",
        _first_state_stays,
        by="chargeback lost",
    ),
    Planted(
        "an inquiry books a withdrawal",
        f"{_USE}payment.recorded:news_of",
        _taken_at_once,
        by="inquiry ends",
    ),
    Planted(
        "a reversal is nobody's at the payee's account",
        "chalicelib.domain.reconciliation.match:_owned",
        lambda _right: lambda _ours, theirs: list(theirs),
        by="payout comes back",
    ),
    Planted(
        "a bank that asks hears nothing",
        f"{_USE}payment.recorded:_ASKS",
        lambda right: right - {ChargebackState.INQUIRY},
        by="inquiry ends",
    ),
    Planted(
        "an inquiry that ends is lost",
        f"{_USE}payment.recorded:_EVENTS",
        lambda right: {**right, DisputeState.CLOSED: ChargebackEvent.LOST},
        by="inquiry ends",
    ),
    Planted(
        "a top-up that is told paid is collected again",
        f"{_USE}partner.collect:_collect",
        _again_collected,
        by="top-ups: crash_after run_effects:top-up payments.charge 1",
    ),
    Planted(
        "a refund of a balance has no key",
        f"{_USE}partner.give_back:give_balance_back",
        _without_key,
        by="top-ups: crash_after give_balance_back store.write 3",
    ),
    Planted(
        "what the bank refuses is not recorded",
        "chalicelib.domain.bank.payment:rejected",
        instead(lambda transfer, *_reason: transfer),
        by="bank fails",
    ),
    Planted(
        "what no webhook has told is not looked for",
        f"{_USE}reconciliation.untold:follow_untold",
        instead(lambda *_books: 0),
        by="chargeback lost, untold",
    ),
    Planted(
        "what was lost before the CDR stays the driver's",
        f"{_USE}payment.chargeback:borne_once_billed",
        instead(lambda _ports, session, _sale, _at: (session, ())),
        by="chargeback lost before the CDR",
    ),
    Planted(
        "a delivery that nobody answered is done",
        f"{_USE}event.deliver:answered",
        _undelivered,
        by="partner's endpoint: lost_before run_effects:session web.post 1",
    ),
    Planted(
        "a debit that comes back is the platform's loss",
        "chalicelib.domain.dispute.chargeback:kind_of",
        instead(lambda _reason: ChargebackKind.OTHER),
        here=True,
        by="debit comes back",
    ),
    Planted(
        "a debit that fails is taken for paid",
        f"{_USE}effect.capture:debited",
        _always_paid,
        by="debit fails",
    ),
    Planted(
        "a credit CDR does not reverse its sale",
        f"{_USE}dispute.credit:present_sale",
        instead(lambda _session: None),
        here=True,
        by="CDR is taken back",
    ),
)
