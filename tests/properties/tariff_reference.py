"""What does a session cost, worked out again in the plainest way? Fractions, no shortcuts.

Written from OCPI's text and our readings (T: the numbers in docs/tariffs.md), not from the engine:
it shares the input values and nothing else. It is for truth, not for speed. The rooms:

reference_moment    does an element hold at one moment?
reference_billing   what is used of which component, period by period
reference_steps     what `step_size` and the single start fee make of it
reference_money     prices, taxes and limits
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Usage
from tests.properties.reference_billing import Billed, billed, stay_of
from tests.properties.reference_money import Amounts, Parts, by_rate, limited, total_of
from tests.properties.reference_steps import flat_once, stepped


@dataclass(frozen=True)
class Reckoning:
    """The total, what it was before limits, its parts, and each use billed, in order of time."""

    total: Amounts
    before: Amounts
    parts: Parts
    uses: tuple[Billed, ...]


def reference_price(tariff: Tariff, zone: str, usage: Usage) -> Reckoning:
    """One tariff for the whole session, whatever its periods name (T 23)."""
    return _reckoned(usage, zone, [tariff] * len(usage.periods), tariff)


def reference_session_price(
    tariffs: Mapping[str, Tariff], zone: str, usage: Usage, default: Tariff
) -> Reckoning:
    """Each period by the tariff that it names."""
    return _reckoned(usage, zone, in_force(tariffs, usage, default), default)


def in_force(tariffs: Mapping[str, Tariff], usage: Usage, default: Tariff) -> list[Tariff]:
    """One a period, in order of time; no name, or one nobody knows, is the default's (T 23).

    OCPI's ids are the same in upper and lower case.
    """
    known = {name.upper(): tariff for name, tariff in tariffs.items()}
    ordered = sorted(usage.periods, key=lambda period: period.start)
    return [known.get(period.tariff_id.upper(), default) for period in ordered]


def _reckoned(usage: Usage, zone: str, tariffs: list[Tariff], default: Tariff) -> Reckoning:
    """The limits are those in force at the start, also for who comes without any period (T 17)."""
    uses = stepped(flat_once(list(billed(stay_of(usage, zone), tariffs))))
    before = by_rate(uses)
    parts = limited(tariffs[0] if tariffs else default, before)
    return Reckoning(total_of(parts), total_of(before), parts, tuple(uses))
