"""A payout rail in memory: balances, transfers, payouts and their fate.

The same contract tests run on it and on the Stripe adapter (tests/contract/test_payouts.py).
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from chalicelib.domain.errors import DomainError
from chalicelib.domain.money import Currency, Money, currency
from chalicelib.ports.clock import Clock
from chalicelib.ports.payments import KeyReused, ProviderUnavailable
from chalicelib.ports.payouts import BalanceLine, PayoutRefused, PayoutState, RailPayout, Unfunded
from sandbox.memory.balances import Balances

CHARGE_DELAY = timedelta(days=3)  # Stripe's settlement_timing.delay_days in most of Europe
KEY_LIFE = timedelta(hours=24)


def next_banking_day(at: datetime) -> datetime:
    """Midnight (UTC) of the next weekday: when a standard payout arrives."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day += timedelta(days=1)
    while day.weekday() >= 5:  # Saturday, Sunday
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class _Line:
    line: BalanceLine
    available_at: datetime


@dataclass(slots=True)
class _Payout:
    payout_id: str
    account: str
    rail: RailPayout
    arrives_at: datetime
    fails: str = ""
    returned: str = ""


@dataclass(frozen=True, slots=True)
class _Transfer:
    payout_id: str
    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class _Answer:
    call: tuple[object, ...]
    result: str | RailPayout | DomainError
    until: datetime


class MemoryPayouts(Balances):
    """`open_account` makes a payee's account, `fund` puts money on the channel's balance."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._accounts: dict[str, set[str]] = {}
        self._lines: defaultdict[str, list[_Line]] = defaultdict(list)
        self._transfers: dict[str, _Transfer] = {}
        self._reversed: defaultdict[str, int] = defaultdict(int)
        self._payouts: dict[str, _Payout] = {}
        self._open: list[_Payout] = []  # time has yet to change something about these
        self._ready: defaultdict[tuple[str, Currency], int] = defaultdict(int)
        self._waiting: list[tuple[str, _Line]] = []  # booked, and not yet available
        self._booked = 0
        self._answers: dict[str, _Answer] = {}
        self._lost: dict[str, bool] = {}
        self._next_failure = self._next_return = ""

    # What a test may do to it.

    def open_account(self, account: str, *currencies: str) -> None:
        self._accounts[account] = set(currencies)

    def fund(self, money: Money) -> None:
        """A bank transfer of ours arrives."""
        self._book("", "topup", f"tu_{len(self._lines[''])}", "", money)

    def move(self, kind: str, source: str, money: Money) -> None:
        """Our balance moves by something that is nobody's payment: a fee, our own payout."""
        self._book("", kind, source, "", money)

    def fail_next_payout(self, reason: str) -> None:
        """The next payout is accepted and finally fails on the day that it should arrive."""
        self._next_failure = reason

    def return_next_payout(self, reason: str) -> None:
        """The next payout arrives, and the payee's bank sends it back a banking day later."""
        self._next_return = reason

    def lose_next(self, call: str, *, after: bool = True) -> None:
        self._lost[call] = after

    def book_charge(self, source: str, owner: str, gross: Money, fee: Money) -> None:
        self._book("", "charge", source, owner, gross, fee, CHARGE_DELAY)

    def book_refund(self, source: str, owner: str, money: Money) -> None:
        self._book("", "refund", source, owner, -money)

    def book_failed_refund(self, source: str, owner: str, money: Money) -> None:
        self._book("", "refund_failure", source, owner, money)

    def book_dispute(self, source: str, owner: str, money: Money, fee: Money) -> str:
        """Money that a driver's bank took back (negative) or returned; the line's reference."""
        self._book("", "adjustment", source, owner, money, fee)
        return self._lines[""][-1].line.reference

    # The port.

    def balance(self, code: Currency, account: str = "") -> Money:
        self._settle()
        return Money(self._ready[account, code], code)

    def currencies(self, account: str) -> frozenset[Currency] | None:
        if account not in self._accounts:
            raise PayoutRefused("resource_missing", f"no such account: {account!r}")
        return frozenset(map(currency, self._accounts[account]))

    def transfer(self, payout_id: str, account: str, money: Money, key: str) -> str:
        call = ("transfer", payout_id, account, money)
        done = self._once(key, call, lambda: self._transfer(payout_id, account, money))
        assert isinstance(done, str)
        return done

    def find_transfer(self, payout_id: str) -> str | None:
        found = [name for name, t in self._transfers.items() if t.payout_id == payout_id]
        return found[0] if found else None

    def pay(self, payout_id: str, account: str, money: Money, key: str) -> RailPayout:
        call = ("pay", payout_id, account, money)
        done = self._once(key, call, lambda: self._pay(payout_id, account, money))
        assert isinstance(done, RailPayout)
        return done

    def find_payout(self, payout_id: str, account: str) -> RailPayout | None:
        self._settle()
        found = [p for p in self._payouts.values() if p.payout_id == payout_id]
        return next((p.rail for p in reversed(found) if p.account == account), None)

    def read_payout(self, reference: str, account: str) -> RailPayout:
        self._settle()
        payout = self._payouts.get(reference)
        if payout is None or payout.account != account:
            raise PayoutRefused("resource_missing", f"no such payout: {reference!r}")
        return payout.rail

    def reverse_transfer(self, payout_id: str, transfer: str, money: Money, key: str) -> str:
        call = ("reverse_transfer", payout_id, transfer, money)
        done = self._once(key, call, lambda: self._reverse(transfer, money))
        assert isinstance(done, str)
        return done

    def balance_lines(self, account: str = "", since: datetime | None = None) -> list[BalanceLine]:
        self._settle()
        lines = (line.line for line in self._lines[account])
        return [line for line in lines if since is None or (line.at and line.at >= since)]

    # What the rail does.

    def _transfer(self, payout_id: str, account: str, money: Money) -> str:
        if account not in self._accounts:
            raise PayoutRefused("resource_missing", f"no such destination: {account!r}")
        if money > self.balance(money.currency):
            raise Unfunded(money, "")
        name = f"tr_{len(self._transfers) + 1:024d}"
        self._transfers[name] = _Transfer(payout_id, account, money)
        self._book("", "transfer", name, payout_id, -money)
        arrived = self.moved_as(money, account).got
        self._book(account, "payment", f"py_{name[3:]}", payout_id, arrived)
        return name

    def _reverse(self, transfer: str, money: Money) -> str:
        made = self._transfers[transfer]
        if self._reversed[transfer] + money.minor > made.money.minor:
            raise PayoutRefused("amount_too_large", f"{money} is more than is left of {transfer}")
        left = self.moved_as(money, made.account).got
        if left > self.balance(left.currency, made.account):
            raise Unfunded(money, made.account)
        self._reversed[transfer] += money.minor
        name = f"trr_{len(self._lines['']) + 1:024d}"
        self._book(made.account, "payment_refund", name, "", -left)
        self._book("", "transfer_refund", name, made.payout_id, money)
        return name

    def _pay(self, payout_id: str, account: str, money: Money) -> RailPayout:
        if money.currency not in self._accounts.get(account, set()):
            raise PayoutRefused("invalid_request_error", f"no bank account in {money.currency}")
        if money > self.balance(money.currency, account):
            raise Unfunded(money, account)
        name = f"po_{len(self._payouts) + 1:024d}"
        rail = RailPayout(name, PayoutState.ACCEPTED, money)
        arrives = next_banking_day(self._clock.now())
        fate = (self._next_failure, self._next_return)
        self._payouts[name] = made = _Payout(payout_id, account, rail, arrives, *fate)
        insort(self._open, made, key=attrgetter("arrives_at"))
        self._next_failure = self._next_return = ""
        self._book(account, "payout", name, payout_id, -money)
        return rail

    def _settle(self) -> None:
        now = self._clock.now()
        if self._open and self._open[0].arrives_at <= now:  # in the order in which they arrive
            self._open = [payout for payout in self._open if self._is_open(payout, now)]
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for account, line in waiting:
                self._count(account, line, now)

    def _is_open(self, payout: _Payout, now: datetime) -> bool:
        """Do what became due of a payout; whether anything may yet become due."""
        if payout.rail.state is PayoutState.ACCEPTED and payout.arrives_at <= now:
            if payout.fails:
                self._fail(payout, payout.fails)
            else:
                payout.rail = replace(payout.rail, state=PayoutState.CREDITED)
        back = payout.rail.state is PayoutState.CREDITED and payout.returned
        if back and next_banking_day(payout.arrives_at) <= now:
            self._fail(payout, payout.returned)
        state = payout.rail.state
        returns = state is PayoutState.CREDITED and payout.returned != ""
        return state is PayoutState.ACCEPTED or returns

    def _count(self, account: str, line: _Line, now: datetime) -> None:
        """Into the balance when it is available, else among those that wait."""
        if line.available_at <= now:
            self._ready[account, line.line.net.currency] += line.line.net.minor
        else:
            self._waiting.append((account, line))

    def _fail(self, payout: _Payout, reason: str) -> None:
        payout.rail = replace(payout.rail, state=PayoutState.FAILED, reason=reason)
        rail, owner = payout.rail, payout.payout_id
        self._book(payout.account, "payout_failure", rail.reference, owner, rail.money)

    def _book(
        self,
        account: str,
        kind: str,
        source: str,
        owner: str,
        gross: Money,
        fee: Money | None = None,
        delay: timedelta = timedelta(),
    ) -> None:
        fee = fee or Money.zero(gross.currency)
        self._booked += 1
        now = self._clock.now()
        line = BalanceLine(f"txn_{self._booked:024d}", kind, source, gross - fee, fee, owner, now)
        booked = _Line(line, now + delay)
        self._lines[account].append(booked)
        self._count(account, booked, now)

    def _once(
        self, key: str, call: tuple[object, ...], act: Callable[[], str | RailPayout]
    ) -> str | RailPayout:
        """The rail's memory of keys: refusals too are answered the same for a day."""
        name, now = str(call[0]), self._clock.now()
        if self._lost.get(name) is False:
            self._lose(name)
        answer = self._answers.get(key)
        if answer is None or answer.until <= now:
            answer = self._answers[key] = _Answer(call, _outcome(act), now + KEY_LIFE)
        if answer.call != call:
            raise KeyReused(key)
        self._lose(name)
        if isinstance(answer.result, DomainError):
            raise answer.result
        return answer.result

    def _lose(self, name: str) -> None:
        if self._lost.pop(name, None) is not None:
            raise ProviderUnavailable(f"no answer to {name}")


def _outcome(act: Callable[[], str | RailPayout]) -> str | RailPayout | DomainError:
    try:
        return act()
    except (Unfunded, PayoutRefused) as refused:
        return refused
