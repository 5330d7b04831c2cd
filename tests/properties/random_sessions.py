"""Which sessions can a charger report? Random ones, with everything that is odd about real ones.

`chance` is a seeded `random.Random` for the million, or hypothesis' own for what should shrink.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

# When the clocks change: there, times of day come twice, or not at all.
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "Europe/London": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),  # by half an hour
    "Asia/Kolkata": ("2026-06-30T18:30",),  # none: local midnight
}
ZONES = tuple(CHANGES)
TARIFF_IDS = ("T1", "T2", "T3")
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_LENGTHS_S = (0, 1, 60, 300, 900, 1800, 3600, 3600, 7200, 86_400)


def number(chance: Random, highest: int, places: int) -> Decimal:
    """0 to `highest`, now and then exactly one of both."""
    top = highest * 10**places
    return Decimal(chance.choice((chance.randrange(top + 1),) * 8 + (0, top))).scaleb(-places)


def random_usage(chance: Random, zone: str, ids: tuple[str, ...] = ("T1",)) -> Usage:
    """Up to six periods in any order; a reservation may come first, or be all there is."""
    start = at = _random_start(chance, zone)
    reserved = chance.randrange(1, 3) if chance.random() < 0.15 else 0
    used = 0 if reserved and chance.random() < 0.3 else chance.randrange(1, 6)
    periods = []
    for place in range(reserved + used):
        length = _random_length(chance)
        odd = chance.random() < 0.01  # a reservation that comes too late, or beside charging
        volumes = _volumes(chance, length, reserves=place < reserved or odd)
        if odd:
            volumes |= _volumes(chance, length, reserves=False)
        known = chance.random() > 0.3
        readings = _readings(chance) if known else {}
        tariff_id = chance.choice(ids)
        periods.append(ChargingPeriod(at, **volumes, **readings, tariff_id=tariff_id))
        at += timedelta(seconds=length)
    if chance.random() < 0.15:
        chance.shuffle(periods)
    if chance.random() < 0.1:
        start -= timedelta(seconds=chance.choice((1, 300, 3600)))  # plugged in before
    told = chance.choice((True, False)) if chance.random() < 0.1 else None
    return Usage(start, at, tuple(periods), told)


def _random_start(chance: Random, zone: str) -> datetime:
    if chance.random() < 0.3:
        change = datetime.fromisoformat(chance.choice(CHANGES[zone])).replace(tzinfo=UTC)
        return change + timedelta(minutes=30 * chance.randrange(-12, 4))
    if chance.random() < 0.5:
        return _YEAR + timedelta(hours=chance.randrange(365 * 24))
    split = timedelta(microseconds=chance.choice((0, 0, 0, 1, 500_000)))
    return _YEAR + timedelta(seconds=chance.randrange(365 * 86_400)) + split


def _random_length(chance: Random) -> int:
    if chance.random() < 0.5:
        return chance.choice(_LENGTHS_S)
    return chance.randrange(1, 4 * 3600)


def _volumes(chance: Random, length: int, *, reserves: bool) -> dict[str, Decimal]:
    hours = _hours(chance, length)
    if reserves:
        return {"reservation_time_h": hours}
    kind = chance.random()
    if kind < 0.55:
        return {"energy_kwh": _energy(chance), "time_h": hours}
    if kind < 0.80:
        return {"parking_time_h": hours}
    if kind < 0.90:
        return {"energy_kwh": _energy(chance)}  # no time was told
    if kind < 0.97:
        return {"time_h": hours / 2, "parking_time_h": hours / 2, "energy_kwh": _energy(chance)}
    return {}


def _energy(chance: Random) -> Decimal:
    """Rarely negative: fed back into the grid."""
    if chance.random() < 0.02:
        return -number(chance, 10, 3)
    if chance.random() < 0.3:
        return Decimal(chance.choice((0, 1, 5, 10, 20)))
    return number(chance, 40, chance.choice((1, 3, 4)))


def _hours(chance: Random, length: int) -> Decimal:
    """With 4 decimals as most tell them, or 10; now and then not what the clock says."""
    if chance.random() < 0.05:
        return number(chance, 5, 4)
    places = chance.choice(("0.0001", "0.0001", "0.0000000001"))
    return (Decimal(length) / 3600).quantize(Decimal(places))


def _readings(chance: Random) -> dict[str, Decimal]:
    """The least, the most or both of power and current; with whole numbers, bounds meet them."""
    told = {}
    for least, most, highest in (
        ("min_power_kw", "max_power_kw", 100),
        ("min_current_a", "max_current_a", 64),
    ):
        low, high = sorted((number(chance, highest, 0), number(chance, highest, 0)))
        kind = chance.random()
        if kind < 0.7:
            told[least] = low
        if 0.5 < kind < 0.8:
            told[most] = high
    return told
