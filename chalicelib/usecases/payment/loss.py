"""Who bears a chargeback that is lost, and what if it is won after all?

The terms of the session's agreement decide. Where the CPO bears it the sale is undone in
proportion, so that share and commission follow the sale; where the platform or the partner does,
the sale stands. Nobody bears more than the driver owed by the bill: what a decision had granted
already, a returned direct debit, and money that was taken before any sale are the driver's. A CDR
that comes after the loss makes the sale, and then its bearer is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute.chargeback import OVER, Chargeback, ChargebackKind, bearer_of
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.chargeback import loss_account, lost_entry
from chalicelib.domain.ledger.correction import undone_shares
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.reversal import reversal_entry, reversal_name
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.money import Money, total
from chalicelib.domain.session.redress import owed, paid_too_much, present_sale, redress_of
from chalicelib.domain.session.session import Booked, Session
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.payment.booking import entry_of
from chalicelib.usecases.records import find
from chalicelib.usecases.session.terms import terms_of


def others_of(ports: Ports, session: Session, but: str = "") -> list[Chargeback]:
    """The session's chargebacks, one a charge that a bank disputes; all but that one."""
    ids = [id_ for id_ in session.detail.get("chargebacks", ()) if id_ != but]
    found = (find(ports.store, keys.chargeback(id_), Chargeback) for id_ in ids)
    return [record.value for record in found if record is not None]


def bank_has(chargebacks: Iterable[Chargeback]) -> bool:
    """Whether any of a session's money is with the driver's bank now."""
    return any(known.taken.minor > 0 for known in chargebacks)


def outcome_of(
    ports: Ports, chargeback: Chargeback, session: Session, at: datetime
) -> tuple[Chargeback, tuple[Put, ...]]:
    """Book a loss that is not booked, and undo one that is not (or not so much) lost after all."""
    writes, wanted = list[Put](), chargeback.to_lose
    if chargeback.state not in OVER:
        return chargeback, ()
    if not (wanted.minor and chargeback.lost in {None, wanted}):
        for booked in chargeback.losses:
            chargeback, write = _undone(ports, chargeback, booked, session, at)
            writes.append(write)
    if not chargeback.losses and wanted.minor:
        chargeback, write = _lost(ports, chargeback, session, at)
        writes.append(write)
    return chargeback, tuple(writes)


def entry_name(chargeback: Chargeback) -> str:
    """A bank may decide more than once."""
    return f"lost_{1 + sum(known.name.startswith('lost_') for known in chargeback.booked)}"


def book(
    chargeback: Chargeback, name: str, entry: Entry, zone: str, at: datetime
) -> tuple[Chargeback, Put]:
    """The chargeback that names the entry, and the entry's write in the zone's window of today."""
    window = window_id(at, zone)
    booked = Booked(name, entry.id, window, entry.hash)
    named = replace(chargeback, booked=(*chargeback.booked, booked))
    return named, Put(keys.entry(window, entry.id), to_plain(entry))


def _undone(
    ports: Ports, chargeback: Chargeback, loss: Booked, session: Session, at: datetime
) -> tuple[Chargeback, Put]:
    original = entry_of(ports, loss)
    names = [known.name for known in chargeback.booked]
    entry = reversal_entry(
        original, at, booked=names, session=session.id, dispute=chargeback.dispute_id
    )
    freed = replace(chargeback, bearer=None, lost=None, borne=None)
    return book(freed, reversal_name(original), entry, session.settlement_zone, at)


def _lost(
    ports: Ports, chargeback: Chargeback, session: Session, at: datetime
) -> tuple[Chargeback, Put]:
    money, sale = chargeback.taken, present_sale(session)
    sold = None if sale is None else entry_of(ports, sale)
    borne = _borne_of(ports, chargeback, session, sold, others_of(ports, session, chargeback.id))
    driver = (receivable(session.payment.method, session.partner_id), money - borne.part)
    known = replace(chargeback, lost=money)
    return _given(known, session, borne, (driver, *borne.shares), money, at)


def borne_by_sale(
    ports: Ports,
    chargeback: Chargeback,
    session: Session,
    sale: Entry,
    others: Sequence[Chargeback],
    at: datetime,
) -> tuple[Chargeback, Put] | None:
    """Give what was lost before there was a sale from the driver to its bearer. None: nothing."""
    if not chargeback.losses or chargeback.bearer is not None:
        return None
    borne = _borne_of(ports, chargeback, session, sale, others)
    if borne.bearer is None:
        return None
    driver = (receivable(session.payment.method, session.partner_id), -borne.part)
    nothing = Money.zero(borne.part.currency)  # it is disputed no more
    return _given(chargeback, session, borne, (driver, *borne.shares), nothing, at)


@dataclass(frozen=True, slots=True)
class _Borne:
    """The `part` of a loss that is not the driver's, by the accounts that it leaves."""

    part: Money
    bearer: Bearer | None = None
    shares: tuple[tuple[Account, Money], ...] = ()
    refs: Mapping[str, str] = field(default_factory=dict)


def _borne_of(
    ports: Ports,
    chargeback: Chargeback,
    session: Session,
    sale: Entry | None,
    others: Sequence[Chargeback],
) -> _Borne:
    part = _at_stake(session, chargeback.taken, others)
    if sale is None or chargeback.kind is ChargebackKind.RETURNED or not part.minor:
        return _Borne(Money.zero(part.currency))
    bearer = bearer_of(chargeback.kind, terms_of(ports, session).agreement)
    if bearer is not Bearer.CPO:
        account = loss_account(bearer, session.partner_id, chargeback.kind.value)
        return _Borne(part, bearer, ((account, part),))
    shares = undone_shares(sale, _undone_before(session, others, part), part)
    return _Borne(part, bearer, tuple(shares), {"sale_entry": sale.id})


def _given(
    chargeback: Chargeback,
    session: Session,
    borne: _Borne,
    shares: Sequence[tuple[Account, Money]],
    money: Money,
    at: datetime,
) -> tuple[Chargeback, Put]:
    refs = {"session": session.id, "agreement": session.agreement_id}
    refs |= {"reference": chargeback.id, "kind": chargeback.kind.value}
    refs |= {"dispute": chargeback.dispute_id, **borne.refs}
    name, owner = entry_name(chargeback), keys.chargeback(chargeback.id).pk
    entry = lost_entry(owner, session.partner_id, shares, money, at, name=name, **refs)
    known = replace(chargeback, bearer=borne.bearer, borne=borne.part)
    return book(known, name, entry, session.settlement_zone, at)


def _at_stake(session: Session, money: Money, others: Sequence[Chargeback]) -> Money:
    """How much of what is gone somebody loses: what the driver was to pay, and has paid no more.

    The driver had the rest before, or was to have it back anyway: it is a debt of the driver, or
    settles what we owed.
    """
    zero = Money.zero(money.currency)
    borne = total(_borne(others), money.currency)
    lost = total((known.lost for known in others if known.lost), money.currency)
    to_have_back = max(paid_too_much(session) - (lost - borne), zero)
    left = (owed(session) or zero) - borne
    return max(min(money - to_have_back, left), zero)


def _borne(chargebacks: Sequence[Chargeback], *bearers: Bearer) -> list[Money]:
    return [
        known.borne
        for known in chargebacks
        if known.borne is not None and (not bearers or known.bearer in bearers)
    ]


def _undone_before(session: Session, others: Sequence[Chargeback], like: Money) -> Money:
    """How much of the sale decisions and other chargebacks have undone."""
    undone = redress_of(session).undone or Money.zero(like.currency)
    return undone + total(_borne(others, Bearer.CPO), like.currency)
