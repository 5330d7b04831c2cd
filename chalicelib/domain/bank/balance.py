"""How much of our money at the bank is free? The last statement, less what is under way."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.bank.message import Statement
from chalicelib.domain.money import Currency, Money


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
    gap: str = ""  # why the statements do not follow each other; people ask the bank for one

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
    """The balance after a statement; an older one that comes late fills the gap that it left."""
    if statement.closing is None or statement.closing_on is None:
        return balance
    if (statement.closing_on, statement.number) < (balance.closing_on, balance.number):
        return replace(balance, gap="")
    opening = statement.opening
    missing = opening is not None and balance.closing_on > date.min and opening != balance.closing
    return replace(
        balance,
        closing=statement.closing,
        closing_on=statement.closing_on,
        number=statement.number,
        gap=f"{statement.message_id} opens with {opening}" if missing else balance.gap,
    )
