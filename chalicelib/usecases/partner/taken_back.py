"""What if a bank takes a partner's top-up back? Its balance has the money no more.

No sale is disputed, and nobody but the partner has spent it: so the balance pays at once, below
zero where it was used, which is the partner's debt until the next top-up. What the bank gives back
fills it again. The provider's fee is the platform's, as for the top-up itself.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.chargeback import OVER, Chargeback
from chalicelib.domain.ids import SessionId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import Burden
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.payment.top_up import TopUp
from chalicelib.domain.payment.waiting import told
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Dispute
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import replacing, rows_of
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.payment.recorded import advanced, kept, moved, news_of, opened, watched
from chalicelib.usecases.records import Record, find, load, write_rows_first


def follow_top_up(ports: Ports, dispute: Dispute) -> Chargeback | None:
    """Record what the provider says of a top-up's chargeback now; None: we know no such top-up."""
    owner = find(ports.store, keys.top_up(dispute.owner), TopUp)
    if owner is None:
        return None
    top_up, at = owner.value, ports.clock.now()
    record = find(ports.store, keys.chargeback(dispute.reference), Chargeback)
    known = None if record is None else record.value
    new = replace(opened(dispute, top_up.partner_id, SessionId("")), top_up_id=top_up.id)
    now, writes = _moved(ports, advanced(known or new, dispute), dispute, top_up.converted, at)
    if known == now:
        return now
    now = watched(known, now, at)
    back = now.taken if known is None else now.taken - known.taken
    top_up = replace(top_up, taken_back=(top_up.taken_back or top_up.nothing) + back)
    top_up = _told(top_up, known, now, at)
    own = _own(owner, top_up, at) if top_up != owner.value else ()
    write_rows_first(ports.store, *kept(record, now, at), *own, *writes)
    return now


def _own(owner: Record[TopUp], top_up: TopUp, at: datetime) -> tuple[Write, ...]:
    return (*rows_of(top_up, owner.key.pk), replacing(owner, top_up, at))


def _moved(
    ports: Ports, chargeback: Chargeback, dispute: Dispute, paid: Converted | None, at: datetime
) -> tuple[Chargeback, list[Write]]:
    """The chargeback, the entry of each balance transaction, and the balance after all of them."""
    against, writes = Account(Purpose.PREPAID, chargeback.partner_id), list[Write]()
    kept_ = read_purse(
        ports, chargeback.partner_id, PaymentMethod.PREPAID, chargeback.money.currency
    )
    purse, zone = kept_.purse, channel(ports).time_zone
    for move in news_of(chargeback, dispute):
        refs = {"top_up": chargeback.top_up_id}
        chargeback, write = moved(chargeback, move, against, Burden(), paid, zone, at, **refs)
        purse = purse.fund(move.money)
        writes.append(write)
    return chargeback, [*writes, *(writes_of(kept_, purse) if writes else ())]


def _told(top_up: TopUp, before: Chargeback | None, now: Chargeback, at: datetime) -> TopUp:
    data = {"top_up": top_up.id, "chargeback": now.id, "kind": now.kind.value}
    if before is None:
        top_up = told(top_up, at, "balance.disputed", minor=str(now.taken.minor), **data)
    if now.state in OVER and (before is None or before.state is not now.state):
        top_up = told(top_up, at, "balance.dispute_closed", outcome=now.state.value, **data)
    return top_up


def evidence_of_top_up(ports: Ports, top_up_id: str) -> str:
    """What the bank is told: who asked for it is the partner itself, by its own saved method."""
    top_up = load(ports.store, keys.top_up(top_up_id), TopUp, "top_up").value
    lines = [
        f"Prepaid balance of a business customer for electric vehicle charging, {top_up.id}",
        f"{top_up.money} asked for by the customer's own system on {top_up.asked_at:%Y-%m-%d}",
        f"with its own saved method; booked to its balance as {top_up.reference}",
    ]
    return "\n".join(lines)
