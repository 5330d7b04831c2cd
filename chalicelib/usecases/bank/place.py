"""What was a line of the bank that fitted nothing? A person books it, above the limit two people.

Nothing is booked because a sum happens to fit: only what a statement shows, on the bank's own cash
account, as somebody names it. Money that the channel put there itself needs one person.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Conflict, DomainError, Invalid, NotFound, NotYet
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.own import OwnMoney
from chalicelib.domain.money import Money
from chalicelib.domain.person import named
from chalicelib.domain.settlement.staff import OnePerson
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import BalanceLine
from chalicelib.ports.store import Item, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.apply import Meant, Unmatched
from chalicelib.usecases.bank.explain import explain
from chalicelib.usecases.channel.own_money import book_own
from chalicelib.usecases.debt.paid import pay_claim
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.partner.top_up import top_up
from chalicelib.usecases.payout.approve import above_limit
from chalicelib.usecases.payout.rail import SEPA


class BookedOtherwise(Conflict):
    code = "booked_otherwise"

    def __init__(self, line: str, meaning: str) -> None:
        super().__init__(f"{line} is booked as {meaning} already")
        self.line, self.meaning = line, meaning


def _own(kind: OwnMoney) -> Callable[[Ports, str, Money, str, str], object]:
    def book(ports: Ports, country: str, money: Money, line: str, stated: str) -> object:
        return book_own(ports, kind, money, line, SEPA, country, stated=stated)

    return book


def _top_up(ports: Ports, partner: str, money: Money, line: str, stated: str) -> object:
    return top_up(ports, PartyId(partner), money, line, rail=SEPA, stated=stated)


def _invoice_paid(ports: Ports, partner: str, money: Money, line: str, stated: str) -> object:
    return pay_invoice(ports, PartyId(partner), money, line, rail=SEPA, stated=stated)


def _claim_paid(ports: Ports, debt: str, money: Money, line: str, stated: str) -> object:
    return pay_claim(ports, debt, money, line, SEPA, stated=stated)


_BOOKS = {
    **{kind.value: _own(kind) for kind in OwnMoney},
    "top_up": _top_up,
    "invoice_paid": _invoice_paid,
    "claim_paid": _claim_paid,
}
MEANINGS = tuple(_BOOKS)


def book_line(
    ports: Ports, line: str, meaning: str, person: str, subject: str = ""
) -> dict[str, Any]:
    """Book a line as one of MEANINGS, and explain it; or, above the limit, what is proposed.

    `subject` is the partner, the debt, or of vat_paid the country. What it is booked as stands with
    the line before: killed anywhere it is said again, and the line books its money once.
    Raises NotFound, Invalid, OnePerson, BookedOtherwise, and what booking refuses.
    """
    row = ports.store.get(Key(bank_keys.unmatched(), line))
    if row is None:
        raise NotFound("unmatched line", line, "line")
    kept = from_plain(Unmatched, row.body)
    if kept.money is None or not kept.stated:
        raise Invalid("line", "is no stated booking", "only what a statement shows is money")
    if meaning not in _BOOKS:
        raise Invalid("meaning", f"{meaning!r} is none", f"one of {', '.join(MEANINGS)}")
    _check_first(ports, line, meaning)
    meant = Meant(meaning, subject, named(person))
    if kept.booking is not None:  # a run that was killed, or another that is under way
        if (kept.booking.meaning, kept.booking.subject) != (meaning, subject):
            raise BookedOtherwise(line, kept.booking.meaning)
    elif _needs_two(ports, meaning, kept.money) and not _agrees(kept.meant, meant):
        _say(ports, row, replace(kept, meant=meant))
        return {"line": line, "proposed": to_plain(meant)}
    else:
        _say(ports, row, replace(kept, booking=meant))
    try:
        _BOOKS[meaning](ports, subject, kept.money, line, _stated(ports, row, kept.money))
    except NotYet:
        raise  # it may have been booked: the same is said again
    except DomainError:  # nothing was booked: a partner's name was mistyped, say
        _taken_back(ports, row.key)
        raise
    return explain(ports, line, f"{meaning} {subject}".strip(), person)


def _taken_back(ports: Ports, key: Key) -> None:
    """The line is as free as before."""
    row = ports.store.get(key)
    if row is not None:
        free = replace(from_plain(Unmatched, row.body), booking=None)
        ports.store.write(Put(key, to_plain(free), expects=row.version))


def _check_first(ports: Ports, line: str, meaning: str) -> None:
    """Whoever booked it by another command, under its name, has booked it as that."""
    for other in MEANINGS:
        if other != meaning and ports.store.get(keys.receipt(other, line)) is not None:
            raise BookedOtherwise(line, other)


def _say(ports: Ports, row: Item, kept: Unmatched) -> None:
    """Before any money is booked, so that a line is booked as one thing only.

    A write whose answer was lost took place: what stands there then is what was said.
    """
    try:
        ports.store.write(Put(row.key, to_plain(kept), expects=row.version))
    except WriteConflict as error:
        now = ports.store.get(row.key)
        if now is None or now.body != to_plain(kept):
            raise BookedOtherwise(row.key.sk, "something by somebody else") from error


def _needs_two(ports: Ports, meaning: str, money: Money) -> bool:
    """What comes in as float is our own and stays ours; anything else gives money to somebody."""
    if meaning == OwnMoney.FLOAT.value and money.minor > 0:
        return False
    return above_limit(ports, money if money.minor > 0 else -money)


def _agrees(known: Meant | None, meant: Meant) -> bool:
    """Whether another person has proposed the same."""
    if known is None or (known.meaning, known.subject) != (meant.meaning, meant.subject):
        return False
    if known.by == meant.by:
        raise OnePerson(meant.by)
    return True


def _stated(ports: Ports, row: Item, money: Money) -> str:
    """The line's reference as reconciliation has it."""
    stated = ports.store.get(Key(bank_keys.lines(money.currency), row.key.sk))
    return "" if stated is None else from_plain(BalanceLine, stated.body).reference
