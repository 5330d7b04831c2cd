"""In which order does a recording happen?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.recorded.playing import Kind, events
from sandbox.recorded.rows import Recorded
from sandbox.recorded.way import Replayed

ZONE = ZoneInfo("Europe/Zurich")
NOON = datetime(2022, 10, 29, 12, tzinfo=UTC)


def car(line: int, came: datetime, minutes: int) -> Replayed:
    left = came + timedelta(minutes=minutes)
    return Replayed(Recorded(line, str(line), "CCS1", came, left, 9000))


def test_a_car_leaves_before_the_next_one_comes() -> None:
    ways = [car(1, NOON, 20), car(2, NOON + timedelta(minutes=20), 10)]
    cars = [(kind, place) for _, kind, place in events(ways, ZONE) if kind is not Kind.NIGHT]
    assert cars == [(Kind.COMES, 0), (Kind.LEAVES, 0), (Kind.COMES, 1), (Kind.LEAVES, 1)]


def test_each_day_has_its_night_also_when_clocks_change() -> None:
    """The last Sunday of October has 25 hours."""
    nights = [at for at, kind, _ in events([car(1, NOON, 20)], ZONE) if kind is Kind.NIGHT]
    local = [at.astimezone(ZONE) for at in nights]
    assert {(at.hour, at.minute) for at in local} == {(0, 15)}
    assert [at.day for at in local] == [30, 31, 1, 2]
    assert nights[1] - nights[0] == timedelta(hours=25)


def test_nothing_recorded_is_nothing_to_do() -> None:
    assert events([], ZONE) == []
