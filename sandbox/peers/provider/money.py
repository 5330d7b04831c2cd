"""How does money lie on balances? One balance transaction a movement, available or pending."""

from decimal import Decimal
from functools import partial

from chalicelib.domain.money import Currency, Money
from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.refusals import Thing

_CATEGORY = {
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "payout_failure": "payout_reversal",
}


def settled(
    books: Books, amount: int, currency: str, account: str = ""
) -> tuple[int, str, float | None]:
    """The amount in the currency in which the balance takes it, and the rate if it is another."""
    if (account, currency) not in books.exchange:
        return amount, currency, None
    into, rate = books.exchange[account, currency]
    money = Money(amount, Currency(currency.upper())).exact * Decimal(rate)
    return Money.rounded(money, Currency(into.upper())).minor, into, float(rate)


def post(
    books: Books,
    account: str,
    type_: str,
    source: str,
    amount: int,
    currency: str,
    *,
    fee: int = 0,
    delay_days: int = 0,
    description: str | None = None,
) -> str:
    """Book a movement; its id. What a charge brings is pending for `delay_days`.

    What the balance has not is converted at once; `fee` is in the currency of the result.
    """
    amount, currency, rate = settled(books, amount, currency, account)
    available_on = books.now + delay_days * DAY
    line: Thing = {
        "id": books.new_id("balance_transaction"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": books.now,
        "currency": currency,
        "description": description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": _details(fee, currency) if fee else [],
        "net": amount - fee,
        "reporting_category": _CATEGORY.get(type_, type_),
        "source": source,
        "status": "pending",
        "type": type_,
    }
    books.keep("balance_transaction", account, line)
    purse = books.balances[account][currency]
    if delay_days:
        purse[1] += amount - fee
        books.at(available_on, partial(_release, purse, amount - fee))
    else:
        purse[0] += amount - fee
    return str(line["id"])


def _details(fee: int, currency: str) -> list[Thing]:
    kind = {"description": "processing fee", "type": "stripe_fee"}
    return [{"amount": fee, "application": None, "currency": currency, **kind}]


def _release(purse: list[int], net: int) -> None:
    purse[0] += net
    purse[1] -= net


def available(books: Books, account: str, currency: str) -> int:
    return books.balances[account][currency][0]


def balance(books: Books, account: str) -> Thing:
    purses = sorted(books.balances[account].items())
    return {
        "object": "balance",
        "available": [_part(currency, purse[0]) for currency, purse in purses],
        "connect_reserved": [],
        "livemode": False,
        "pending": [_part(currency, purse[1]) for currency, purse in purses],
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    }


def _part(currency: str, amount: int) -> Thing:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
