"""Which day's reference rates must there be? The ECB publishes on TARGET's days, about 16:00."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.bank.calendar import last_banking_day

_FRANKFURT = ZoneInfo("Europe/Berlin")
_PUBLISHED_AT = time(16)
LATE = timedelta(hours=2)


def published_by(at: datetime) -> date:
    """The last day whose rates are out at an instant, should the publisher be in time."""
    local = at.astimezone(_FRANKFURT)
    return last_banking_day(local.date() - timedelta(days=local.time() < _PUBLISHED_AT))
