"""How is what the bank said kept? Each transfer with the balance that it needs, in one write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.bank.balance import BankBalance
from chalicelib.domain.bank.payment import BankTransfer
from chalicelib.domain.codec import from_plain
from chalicelib.domain.money import Currency, Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import BalanceLine
from chalicelib.ports.store import ABSENT, Key, Put, Write, WriteConflict
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.records import Record, create, find
from chalicelib.usecases.window.sealed import rows

_TOLD_LATE = timedelta(days=30)
_TRIES = 12  # transfers of a page run eight at a time and share the balance's one item


def transfer_of(ports: Ports, payout_id: str) -> Record[BankTransfer] | None:
    return find(ports.store, bank_keys.transfer(payout_id), BankTransfer)


def balance_of(ports: Ports, code: Currency) -> Record[BankBalance]:
    """The account's balance in a currency; before any statement there is nothing."""
    found = find(ports.store, bank_keys.balance(code), BankBalance)
    nothing = BankBalance(code, Money.zero(code))
    return found or Record(bank_keys.balance(code), nothing, ABSENT)


def stated_lines(ports: Ports, code: Currency, since: datetime | None = None) -> list[BalanceLine]:
    """Every line of our account's statements in a currency, by the day of its booking.

    A line is read after it was booked: what was booked long before `since` was read before, too,
    but for what a bank told late.
    """
    after = "" if since is None else (since - _TOLD_LATE).date().isoformat()
    listed = rows(ports, bank_keys.lines(code), after=after)
    return [from_plain(BalanceLine, row.body) for row in listed]


def opened(ports: Ports, transfer: BankTransfer, balance: Record[BankBalance]) -> None:
    """Write a new transfer, and that its money is no longer free; WriteConflict when overtaken."""
    ports.store.write(
        create(bank_keys.transfer(transfer.payout_id), transfer),
        Put(Key(bank_keys.transfers(transfer.account), transfer.payout_id), {}, expects=None),
        balance.put(_shifted(balance.value, transfer.needed.minor)),
    )


def changed(
    ports: Ports, payout_id: str, how: Callable[[BankTransfer], BankTransfer], *writes: Write
) -> BankTransfer | None:
    """The transfer after `how`, written once; None when we know none. `writes` go with a change."""
    for attempt in range(_TRIES):
        record = transfer_of(ports, payout_id)
        if record is None:
            return None
        after = how(record.value)
        if after == record.value:
            return after
        try:
            ports.store.write(record.put(after), *_balance(ports, record.value, after), *writes)
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return after
    raise AssertionError("the last try returns or raises")


def restated(ports: Ports, code: Currency, how: Callable[[BankBalance], BankBalance]) -> None:
    """Write the balance that a statement tells."""
    for attempt in range(_TRIES):
        record = balance_of(ports, code)
        after = how(record.value)
        if after == record.value:
            return
        try:
            ports.store.write(record.put(after))
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def _balance(ports: Ports, before: BankTransfer, after: BankTransfer) -> list[Write]:
    difference = after.needed.minor - before.needed.minor
    if not difference:
        return []
    record = balance_of(ports, before.money.currency)
    return [record.put(_shifted(record.value, difference))]


def _shifted(balance: BankBalance, difference: int) -> BankBalance:
    return replace(balance, needed=balance.needed + difference)
