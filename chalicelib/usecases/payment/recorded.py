"""How is what the provider says of a chargeback recorded, whatever it is about?

Read as it stands now, in one record; what is open is listed for people, and looked at daily until
it is over and its money has moved.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute import chargeback as model
from chalicelib.domain.dispute.chargeback import (
    Chargeback,
    ChargebackEvent,
    ChargebackKind,
    ChargebackState,
    Moved,
)
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.ids import PartyId, SessionId
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.cash import Burden
from chalicelib.domain.ledger.chargeback import moved_entry
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.payment.waiting import added
from chalicelib.ports.payments import Dispute, DisputeMove, DisputeState
from chalicelib.ports.store import ABSENT, Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import rows_of
from chalicelib.usecases.payment.converted import moved_later
from chalicelib.usecases.payment.loss import book
from chalicelib.usecases.records import Record

LOOK_EVERY = timedelta(days=1)
_LOOKS_FOR = timedelta(days=400)  # no bank takes longer
_ASKS = frozenset({ChargebackState.INQUIRY, ChargebackState.OPEN})
_EVENTS = {
    DisputeState.INQUIRY: ChargebackEvent.INQUIRED,
    DisputeState.NEEDS_RESPONSE: ChargebackEvent.OPENED,
    DisputeState.UNDER_REVIEW: ChargebackEvent.ANSWERED,
    DisputeState.WON: ChargebackEvent.WON,
    DisputeState.LOST: ChargebackEvent.LOST,
    DisputeState.CLOSED: ChargebackEvent.CLOSED,
}


def opened(dispute: Dispute, partner_id: PartyId, session_id: SessionId) -> Chargeback:
    return Chargeback(
        id=dispute.reference,
        provider="stripe",
        session_id=session_id,
        partner_id=partner_id,
        payment=dispute.payment,
        kind=model.kind_of(dispute.reason),
        state=model.FIRST[_EVENTS[dispute.state]],
        money=dispute.money,
        reason=dispute.reason,
        opened_at=dispute.opened_at,
        answer_by=dispute.answer_by,
    )


def advanced(chargeback: Chargeback, dispute: Dispute) -> Chargeback:
    now = model.advance(chargeback, _EVENTS[dispute.state])
    return replace(now, answer_by=dispute.answer_by)


def news_of(chargeback: Chargeback, dispute: Dispute) -> tuple[DisputeMove, ...]:
    """The provider's balance transactions that are not booked yet."""
    known = {move.reference for move in chargeback.moves}
    return tuple(move for move in dispute.moves if move.reference not in known)


def moved(
    chargeback: Chargeback,
    move: DisputeMove,
    against: Account,
    bears: Burden,
    paid: Converted | None,
    zone: str,
    at: datetime,
    **refs: str,
) -> tuple[Chargeback, Put]:
    """The chargeback after one balance transaction, and its entry. `paid` is how the payment came
    in, where the provider has no balance of its currency.
    """
    name = f"moved:{move.reference}"
    entry = moved_entry(
        keys.chargeback(chargeback.id).pk,
        against,
        move.money,
        move.fee,
        at,
        bears=bears,
        converted=moved_later(paid, move.converted),
        name=name,
        reference=chargeback.id,
        payment=chargeback.payment,
        **refs,
    )
    known = (*chargeback.moves, Moved(move.reference, move.money))
    return book(replace(chargeback, moves=known), name, entry, zone, at)


def watched(before: Chargeback | None, chargeback: Chargeback, at: datetime) -> Chargeback:
    """Our evidence is sent when the bank asks, and again when it takes; it is looked at daily until
    it is over.
    """
    if _is_done(chargeback, at):
        return replace(chargeback, effects=())
    kinds = {effect.kind for effect in chargeback.effects}
    asks = chargeback.state in _ASKS and (before is None or before.state is not chargeback.state)
    disputable = chargeback.kind is not ChargebackKind.RETURNED
    if asks and disputable and EffectKind.CONTEST not in kinds:
        chargeback = added(chargeback, EffectKind.CONTEST, at)
    if EffectKind.LOOK_UP not in kinds:
        chargeback = added(chargeback, EffectKind.LOOK_UP, at, after=LOOK_EVERY)
    return chargeback


def _is_done(chargeback: Chargeback, at: datetime) -> bool:
    if chargeback.state not in model.OVER:
        return False
    return not chargeback.awaits_money or at - chargeback.opened_at > _LOOKS_FOR


def kept(record: Record[Chargeback] | None, now: Chargeback, at: datetime) -> tuple[Write, ...]:
    """The chargeback's writes, with its due row and its row in the list of what is open."""
    key = keys.chargeback(now.id)
    expects = ABSENT if record is None else record.version
    put = Put(key, to_plain(now), expects=expects, pending=len(now.due(at)))
    row = Key(keys.chargebacks_open(), now.id)
    listed: Write = Delete(row) if _is_done(now, at) else Put(row, {}, expects=None)
    return (*rows_of(now, key.pk), listed, put)
