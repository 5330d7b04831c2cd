"""How do published reference rates get into the table? Each day once, and never changed."""

from chalicelib.domain.errors import Conflict
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import create, find


class RatesDiffer(Conflict):
    """Statements name these rates: a later correction by the publisher needs a person."""

    code = "fx_rates_differ"

    def __init__(self, rates: DailyRates) -> None:
        super().__init__(f"the rates of {rates.day} are recorded with other values")
        self.day = rates.day


def import_rates(ports: Ports) -> int:
    """Record every published day that is not yet recorded; how many were new.

    Raises RatesUnavailable, and RatesDiffer after the other days were recorded.
    """
    new = 0
    differing: RatesDiffer | None = None
    for rates in ports.rates.latest():
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
