"""How much of our money at the bank is free? The last statement, less what is under way."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.bank.message import Statement
from chalicelib.domain.money import Currency, Money


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Of a statement among others: its day, and its number where the bank counts them."""

    on: date
    number: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Statements are missing between two that we have: of the bank's balance `left`, until `found`.

    One that comes late fills a part of it; people ask the bank for what stays missing.
    """

    left: Money
    found: Money
    begins: Place
    ends: Place

    def around(self, statement: Statement) -> "tuple[Gap, ...] | None":
        """What is still missing once the statement is there; None: its place is not in here."""
        opening, closing = statement.opening, statement.closing
        place = _place(statement)
        if opening is None or closing is None or not self.begins <= place <= self.ends:
            return None
        parts = (
            replace(self, found=opening, ends=place),
            replace(self, left=closing, begins=place),
        )
        return tuple(part for part in parts if part.left != part.found)


@dataclass(frozen=True, slots=True)
class BankBalance:
    """`needed`: minor units that transfers not yet seen in a statement will take.

    closing - needed is what the books call `cash:sepa`, once every stated line is explained.
    """

    currency: Currency
    closing: Money
    needed: int = 0
    closing_on: date = date.min
    number: int = 0
    gaps: tuple[Gap, ...] = ()  # where the statements do not follow each other

    @property
    def free(self) -> Money:
        return Money(self.closing.minor - self.needed, self.currency)


def adds_up(statement: Statement) -> bool:
    """Opening and lines make the closing balance; a notice has neither and says nothing."""
    if statement.opening is None or statement.closing is None:
        return True
    booked = sum(line.money.minor for line in statement.lines)
    return statement.opening.minor + booked == statement.closing.minor


def stated(balance: BankBalance, statement: Statement) -> BankBalance:
    """The balance after a statement; one that comes late leaves the balance, and fills its gap."""
    if statement.closing is None or statement.closing_on is None:
        return balance
    follows = statement.opening in {None, balance.closing} or balance.closing_on == date.min
    known, place = Place(balance.closing_on, balance.number), _place(statement)
    if place < known or not follows:
        for number, gap in enumerate(balance.gaps):
            left = gap.around(statement)
            if left is not None:
                gaps = (*balance.gaps[:number], *left, *balance.gaps[number + 1 :])
                return replace(balance, gaps=gaps)
    if place < known:
        return balance
    gaps = balance.gaps
    if not follows and statement.opening is not None:
        gaps = (*gaps, Gap(balance.closing, statement.opening, known, place))
    return replace(
        balance,
        closing=statement.closing,
        closing_on=statement.closing_on,
        number=statement.number,
        gaps=gaps,
    )


def _place(statement: Statement) -> Place:
    return Place(statement.closing_on or date.min, statement.number)
