"""Is what a peer tells older than what it told before? Its dates say so, if they can be true."""

from datetime import datetime, timedelta

_AHEAD = timedelta(days=1)  # clocks are off, and zones are forgotten


def is_older(told: datetime, known: datetime, now: datetime) -> bool:
    """Never than what it dated days ahead: that would outdate all that it says until then."""
    return told < known <= now + _AHEAD
