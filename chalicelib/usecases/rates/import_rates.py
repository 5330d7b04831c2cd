"""How do published reference rates get into the table? Each day once, and never changed."""

from datetime import date

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Conflict, NotYet
from chalicelib.domain.fx.publishing import LATE, published_by
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import create, find

_COMPARED = 100


class RatesDiffer(Conflict):
    """Statements name these rates: a later correction by the publisher needs a person."""

    code = "fx_rates_differ"

    def __init__(self, rates: DailyRates) -> None:
        super().__init__(f"the rates of {rates.day} are recorded with other values")
        self.day = rates.day


class RatesLate(NotYet):
    """The publisher has not brought a business day's rates in time: payouts in them will wait."""

    code = "fx_rates_late"

    def __init__(self, day: date) -> None:
        super().__init__(f"the rates of {day} are not published, hours after their time")
        self.day = day


def import_due(ports: Ports) -> int:
    """The hourly look: what is there is not asked for again. Raises RatesLate, RatesUnavailable."""
    at = ports.clock.now()
    if _has(ports, published_by(at)):
        return 0
    new = import_rates(ports)
    due = published_by(at - LATE)
    if not _has(ports, due):
        raise RatesLate(due)
    return new


def _has(ports: Ports, day: date) -> bool:
    return ports.store.get(keys.daily_rates(day.isoformat())) is not None


def _last_recorded(ports: Ports) -> list[DailyRates]:
    pk = keys.daily_rates("").pk
    rows = ports.store.query(pk, limit=_COMPARED, descending=True)
    return [from_plain(DailyRates, row.body) for row in rows]


def import_rates(ports: Ports) -> int:
    """Record every published day that is not yet recorded; how many were new.

    A file of all days since 1999 costs its writes once: of what is recorded, the last 100 days are
    compared. Raises RatesUnavailable, and RatesDiffer after the other days were recorded.
    """
    new = 0
    differing: RatesDiffer | None = None
    recorded_days = _last_recorded(ports)
    full = len(recorded_days) == _COMPARED
    oldest = min((rates.day for rates in recorded_days), default=None)
    for rates in ports.rates.latest():
        if full and oldest is not None and rates.day < oldest:
            continue
        if rates in recorded_days:
            continue
        key = keys.daily_rates(rates.day.isoformat())
        try:
            ports.store.write(create(key, rates))
            new += 1
        except WriteConflict:
            recorded = find(ports.store, key, DailyRates)
            if recorded is None or recorded.value.per_euro != rates.per_euro:
                differing = RatesDiffer(rates)
    if differing is not None:
        raise differing
    return new
