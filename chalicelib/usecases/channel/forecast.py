"""Will our money on each rail suffice for the next windows? What is owed now, and what to expect.

Owed: every payout that no rail has been asked for, held ones too. Expected: for each zone the
largest of its last seven windows, for the day that runs and for the one after.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.fx.rates import convert
from chalicelib.domain.ids import PartyId, WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.window import before, window_on
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import party
from chalicelib.usecases.payout.rail import books_of, rail
from chalicelib.usecases.rates.rate_on import rate_on
from chalicelib.usecases.records import find, load
from chalicelib.usecases.window.sealed import rows

_DAYS = 7
_WINDOWS_AHEAD = 2
_AGAIN = timedelta(hours=1)
_S = PayoutStage
_OWED = frozenset(
    {_S.NETTED, _S.SCREENED, _S.CONVERTED, _S.DOCUMENTED, _S.ASKED, _S.APPROVED, _S.FUNDED, _S.HELD}
)
_Sums = defaultdict[tuple[str, Currency], int]


@dataclass(frozen=True, slots=True)
class FloatForecast:
    """On one rail (`stripe`, `sepa`), in one currency. `short` is zero when the money suffices."""

    rail: str
    free: Money
    owed: Money
    expected: Money
    short: Money


@dataclass(frozen=True, slots=True)
class Forecasts:
    at: datetime
    rails: tuple[FloatForecast, ...]


def forecast(ports: Ports) -> Forecasts:
    """By rail and currency, in order; one that owes and expects nothing is left out."""
    owed, expected, accounts = _Sums(int), _Sums(int), dict[str, str]()
    for payout in _unpaid(ports):
        _add(ports, owed, accounts, payout)
    for zone in rows(ports, keys.zones()):
        _expect(ports, expected, accounts, window_on(_next(zone.body), zone.key.sk))
    found = [
        _of(ports, (name, code), accounts[name], owed[name, code], expected[name, code])
        for name, code in sorted(owed.keys() | expected.keys())
    ]
    return Forecasts(ports.clock.now(), tuple(found))


def forecast_hourly(ports: Ports) -> Forecasts | None:
    """A new forecast, kept for people; None while the last one is not an hour old."""
    at = ports.clock.now()
    known = ports.store.get(keys.float_forecast())
    last = None if known is None else from_plain(Forecasts, known.body)
    if last is not None and at - last.at < _AGAIN:
        return None
    made = forecast(ports)
    try:
        version = 0 if known is None else known.version
        ports.store.write(Put(keys.float_forecast(), to_plain(made), expects=version))
    except WriteConflict:
        return None  # another run of the sweep made one
    return made


def _of(
    ports: Ports, where: tuple[str, Currency], account: str, owed: int, expected: int
) -> FloatForecast:
    name, code = where
    free = rail(ports, account).balance(code)
    short = max(0, owed + expected - free.minor)
    return FloatForecast(name, free, Money(owed, code), Money(expected, code), Money(short, code))


def _unpaid(ports: Ports) -> Iterator[Payout]:
    """The payouts of open windows, those held, and those that wait for people."""
    ids = dict.fromkeys(
        row.key.sk
        for window in rows(ports, keys.open_windows())
        for row in rows(ports, keys.window_payouts(WindowId(window.key.sk)))
    )
    for zone in rows(ports, keys.zones()):
        ids |= dict.fromkeys(row.key.sk for row in rows(ports, keys.held_payouts(zone.key.sk)))
    for listed in (keys.to_approve(), keys.approved()):
        ids |= dict.fromkeys(row.key.sk for row in rows(ports, listed))
    for id_ in ids:
        payout = load(ports.store, keys.payout(id_), Payout, "payout").value
        if payout.stage in _OWED:
            yield payout


def _expect(ports: Ports, sums: _Sums, accounts: dict[str, str], following: WindowId) -> None:
    """`following` is the window that the zone opens next."""
    largest = _Sums(int)
    for days in range(1, _DAYS + 1):
        of_day = _Sums(int)
        for row in rows(ports, keys.window_payouts(before(following, days))):
            record = find(ports.store, keys.payout(row.key.sk), Payout)
            if record is not None:
                _add(ports, of_day, accounts, record.value)
        for key, minor in of_day.items():
            largest[key] = max(largest[key], minor)
    for key, minor in largest.items():
        sums[key] += _WINDOWS_AHEAD * minor


def _add(ports: Ports, sums: _Sums, accounts: dict[str, str], payout: Payout) -> None:
    payee = party(ports, PartyId(payout.party_id))
    account = payout.account or payee.payout_account
    name = books_of(account)
    accounts.setdefault(name, account)
    money = [payout.money] if payout.money is not None else list(payout.due)
    for each in _converted(ports, money, payee.settlement_currency):
        sums[name, each.currency] += each.minor


def _converted(ports: Ports, sums: Iterable[Money], to: Currency) -> Iterator[Money]:
    """At today's rate; without one, the sum counts in its own currency."""
    day = ports.clock.now().date()
    for money in sums:
        if money.currency == to:
            yield money
            continue
        try:
            yield convert(money, to, rate_on(ports, day)).got
        except DomainError:
            yield money


def _next(body: object) -> date:
    assert isinstance(body, dict), "a zone's row names the day that it opens next"
    return date.fromisoformat(body["next"])
