"""Which published rates hold on a day? The day's own, else the last published before it."""

from datetime import date

from chalicelib.domain.codec import from_plain
from chalicelib.domain.fx.rates import DailyRates, last_published
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys


def rate_on(ports: Ports, day: date) -> DailyRates:
    """The recorded rates to convert with; NoPublishedRates when the last ones are too old."""
    key = keys.daily_rates(day.isoformat())
    # "~" sorts after every digit, so the day itself is still within.
    rows = ports.store.query(key.pk, after=f"{key.sk}~", limit=1, descending=True)
    return last_published([from_plain(DailyRates, row.body) for row in rows], day)
