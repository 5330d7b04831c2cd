"""How much may a session of a limited token cost, by what was spent so far?

Each start of a token with budgets leaves a row in every budget's partition before it is decided:
of two starts at once each sees the other. What a row counts for is read from its session, so that
nothing has to be given back when one fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.money import Money
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.token.limits import Budget, Every, LimitReached, Limits, Use, check_use, left
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item, Key, Put
from chalicelib.usecases import keys

_PAGE = 100
_DECIDED_WITHIN = timedelta(minutes=1)  # a row without a session that is older came to nothing
_UNPAID = frozenset({SessionState.REFUSED, SessionState.ABANDONED})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a driver wants: the session's id, what it is expected to cost, and what to hold."""

    session_id: str
    expected: Money
    hold: Money
    use: Use


def allowed(ports: Ports, token: Token, wish: Wish) -> Money:
    """The hold that a start may have, at most what is left. Raises LimitReached."""
    limits = token.limits
    if limits is None:
        return wish.hold
    check_use(limits, wish.use)
    rows = [row for row, _ in _rows(token, limits, wish.use.at, wish.session_id)]
    at = wish.use.at.isoformat()
    for row in rows:
        body = {"minor": wish.hold.minor, "at": at}
        ports.store.write(Put(row, body, expects=None))
    try:
        spent = _spent(ports, token, wish.use.at, wish.session_id)
        most = left(limits, spent, wish.hold, wish.expected)
    except LimitReached:
        for row in rows:
            ports.store.write(Delete(row))
        raise
    return most


def check(ports: Ports, token: Token, session: Session, at: datetime) -> None:
    """Whether a session that is about to begin is still within the limits. Raises LimitReached."""
    limits, use, held = token.limits, use_of(session, at), session.payment.hold
    if limits is None:
        return
    check_use(limits, use)
    left(replace(limits, budgets=()), (), held, held)
    for budget, spent in _spent(ports, token, use.at, session.id):
        left(Limits(), ((budget, spent),), budget.amount)


def use_of(session: Session, at: datetime) -> Use:
    return Use(at, session.time_zone, session.country, session.cpo_id, session.place_id)


def allowed_more(ports: Ports, token: Token, session: Session, wanted: Money) -> Money:
    """The hold that a running session may grow to; what it has where nothing is left."""
    limits, held = token.limits, session.payment.hold
    if limits is None:
        return wanted
    try:
        more = left(limits, _spent(ports, token, session.requested_at, session.id), wanted)
    except LimitReached:
        return held
    return max(more, held, key=lambda money: money.minor)


def _spent(ports: Ports, token: Token, at: datetime, but: str) -> Iterator[tuple[Budget, Money]]:
    """What each budget has been used for, by other sessions than `but`."""
    limits = token.limits
    assert limits is not None, "only a limited token has budgets"
    for row, budget in _rows(token, limits, at, but):
        others = [item for item in _items(ports, row.pk) if item.key.sk != but]
        wanted = [keys.session(item.key.sk) for item in others]
        known = ports.store.get_many(wanted) if wanted else {}
        minor = sum(_counts(item, known, ports.clock.now()) for item in others)
        yield budget, Money(minor, budget.amount.currency)


def _rows(
    token: Token, limits: Limits, at: datetime, session_id: str
) -> Iterator[tuple[Key, Budget]]:
    names = {"driver": token.id, "vehicle": token.vehicle, "cost_centre": token.cost_centre}
    for budget in limits.budgets:
        span = f"{at:%Y%m%d}" if budget.every is Every.DAY else f"{at:%Y%m}"
        of = budget.of.value
        yield Key(keys.spending(token.partner_id, of, names[of], span), session_id), budget


def _items(ports: Ports, pk: str) -> Iterator[Item]:
    after = ""
    while True:
        page = ports.store.query(pk, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].key.sk


def _counts(row: Item, known: Mapping[Key, Item], now: datetime) -> int:
    item = known.get(keys.session(row.key.sk))
    if item is None:
        recent = now - datetime.fromisoformat(str(row.body["at"])) < _DECIDED_WITHIN
        return int(row.body["minor"]) if recent else 0
    session = from_plain(Session, item.body)
    if session.bill is not None:
        return session.bill.gross.minor
    if session.state in _UNPAID and session.state not in OPEN:
        return 0
    return session.payment.hold.minor
