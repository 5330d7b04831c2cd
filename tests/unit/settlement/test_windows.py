"""When does a window open and close, in zones with every kind of midnight?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.window import (
    WindowUnknown,
    ZoneUnknown,
    cut_off,
    day_of,
    instruct_by,
    opens,
    window_id,
    window_on,
    window_to_book,
    zone_of,
)

ZONES = sorted(available_timezones() - {"localtime"})
SECONDS = st.integers(0, 15 * 365 * 86400)


@given(SECONDS, st.sampled_from(ZONES))
def test_every_instant_is_in_exactly_the_window_that_is_open_then(after: int, zone: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=after)
    window = window_id(at, zone)
    assert opens(window) <= at < cut_off(window)


def test_every_zone_can_be_read_back_from_its_window() -> None:
    for zone in ZONES:
        window = window_on(date(2026, 11, 20), zone)
        assert (zone_of(window), day_of(window)) == (zone, date(2026, 11, 20))
        assert "/" not in window


def test_the_day_of_the_clock_change_has_25_hours() -> None:
    window = WindowId("2026-10-25.Europe-Berlin")
    assert cut_off(window) - opens(window) == timedelta(hours=25)


def test_a_midnight_that_does_not_exist_is_the_instant_of_the_jump() -> None:
    window = WindowId("2026-04-23.Africa-Cairo")  # on the 24th clocks go from 00:00 to 01:00
    assert cut_off(window) == datetime(2026, 4, 23, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-20", "2026-13-20.Europe-Berlin", "x.Europe-Berlin", "2026-11-20.Nowhere-City"]
)
def test_a_text_that_names_no_window_is_refused(text: str) -> None:
    with pytest.raises(WindowUnknown) as refused:
        cut_off(WindowId(text))
    assert refused.value.text == text


@pytest.mark.parametrize("zone", ["", "Berlin", "../../etc/passwd", "Europe", "-".join("a" * 40)])
def test_a_name_that_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        window_id(datetime(2026, 11, 20, tzinfo=UTC), zone)


def test_an_entry_is_booked_into_its_day_until_the_last_moment_to_send_money() -> None:
    ended_at = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    own = WindowId("2026-11-20.Europe-Berlin")
    last = instruct_by(own)
    assert window_to_book(ended_at, "Europe/Berlin", last - timedelta(seconds=1)) == own
    assert window_to_book(ended_at, "Europe/Berlin", last) == "2026-11-21.Europe-Berlin"
