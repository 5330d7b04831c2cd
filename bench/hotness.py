"""How many write units a second does the busiest partition take, at a thousand sessions a second?

A thousand sessions a second are twenty times Europe's public ones. All of them lie in one time
zone, and one in twenty is of the same partner: as many as all of Europe's today.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bench.counting import Written
from chalicelib.usecases.keys import ALLOTMENTS, DUE_SHARDS, ENTRY_SHARDS

SESSIONS_A_SECOND, PARTNER_SHARE = 1000, 20
UNITS_MAX = 200  # a fifth of what DynamoDB gives one key
_ZONE, _PARTNER = SESSIONS_A_SECOND, SESSIONS_A_SECOND / PARTNER_SHARE
# Sessions a second that write to one key of the kind; all others name the session itself.
_ON_ONE_KEY = {
    "entry": _ZONE / ENTRY_SHARDS,
    "ended": _ZONE / ENTRY_SHARDS,
    "due": _ZONE / DUE_SHARDS,
    "partner": _PARTNER,
    "events": _PARTNER,
    "allotment": _PARTNER / ALLOTMENTS,
}


@dataclass(frozen=True, slots=True)
class Heat:
    """Units that a session writes to keys of a kind, and units a second of the busiest of them."""

    kind: str
    units: int
    units_a_second: float
    own: bool  # the session's own key: all of its units as if in one second


def heat(written: Iterable[Written]) -> list[Heat]:
    """Each kind of key, the busiest first."""
    found: Counter[str] = Counter()
    for write in written:
        found[write.key.pk.partition("#")[0]] += write.units
    kinds = [
        Heat(kind, units, units * _ON_ONE_KEY.get(kind, 1), kind not in _ON_ONE_KEY)
        for kind, units in found.items()
    ]
    return sorted(kinds, key=lambda each: -each.units_a_second)
