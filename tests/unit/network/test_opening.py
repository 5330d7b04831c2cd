"""Is a place open at an instant, in its own zone?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.network.opening import (
    Exceptional,
    OpeningTimes,
    RegularHours,
    is_open,
)
from chalicelib.ocpi.lenient.hours import opening_times_of
from chalicelib.ocpi.lenient.place import Place

SHOP = OpeningTimes(
    twentyfourseven=False,
    regular=(RegularHours(1, 8 * 60, 20 * 60), RegularHours(5, 20 * 60, 2 * 60)),
)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
CHRISTMAS = Exceptional(MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=11))


@pytest.mark.parametrize(
    ("hours", "expected"),  # since Monday 00:00 UTC, in Berlin an hour more
    [
        (6.99, False),
        (7, True),
        (18.99, True),
        (19, False),
        (4 * 24 + 18.5, False),
        (4 * 24 + 19, True),  # Friday 20:00
        (5 * 24 + 0.9, True),  # Saturday 01:54, of Friday's night
        (5 * 24 + 1, False),
        (6.99 + 24, False),
    ],
)
def test_regular_hours_are_local_and_may_end_on_the_next_day(
    hours: float,
    expected: bool,  # noqa: FBT001 - of the table above
) -> None:
    assert is_open(SHOP, MONDAY + timedelta(hours=hours), "Europe/Berlin") is expected


def test_closings_outdo_openings_and_both_outdo_what_is_regular() -> None:
    at = CHRISTMAS.begin
    always = OpeningTimes(twentyfourseven=True)
    assert is_open(always, at, "UTC")
    assert not is_open(OpeningTimes(twentyfourseven=True, closings=(CHRISTMAS,)), at, "UTC")
    assert is_open(OpeningTimes(twentyfourseven=True, closings=(CHRISTMAS,)), CHRISTMAS.end, "UTC")
    only = OpeningTimes(twentyfourseven=False, openings=(CHRISTMAS,))
    assert is_open(only, at, "UTC")
    assert not is_open(only, CHRISTMAS.end, "UTC")
    both = OpeningTimes(twentyfourseven=False, openings=(CHRISTMAS,), closings=(CHRISTMAS,))
    assert not is_open(both, at, "UTC")


def test_a_place_that_states_no_hours_is_taken_to_be_open() -> None:
    assert is_open(None, MONDAY, "UTC")


def read(hours: Any) -> tuple[OpeningTimes | None, tuple[str, ...]]:
    place = Place.whole({"opening_times": hours})
    return opening_times_of(place), place.notes.told()


def test_hours_are_read_as_ocpi_writes_them() -> None:
    told = {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}],
        "exceptional_closings": [
            {"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}
        ],
    }
    closed = Exceptional(datetime(2026, 12, 25, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC))
    hours = (RegularHours(1, 480, 1200),)
    assert read(told) == (
        OpeningTimes(twentyfourseven=False, regular=hours, closings=(closed,)),
        (),
    )


def test_a_period_without_sense_is_left_out_and_noted() -> None:
    good = {"weekday": "2", "period_begin": "8:00", "period_end": "24:00"}
    bad = [{"weekday": 8, "period_begin": "08:00", "period_end": "20:00"}, {"weekday": 1}]
    found, notes = read({"twentyfourseven": False, "regular_hours": [*bad, good]})
    assert found == OpeningTimes(twentyfourseven=False, regular=(RegularHours(2, 480, 0),))
    assert any("hours_unread" in note and "weekday" in note for note in notes), notes


@pytest.mark.parametrize("hours", [{}, "always", {"twentyfourseven": "perhaps"}, [1, 2]])
def test_hours_that_cannot_be_read_leave_the_location_as_it_is(hours: Any) -> None:
    found, notes = read(hours)
    assert found is None
    assert notes
