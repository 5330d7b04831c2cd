"""Which rows of a recording are taken, and by what name are the others refused?"""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.recorded.rows import COLUMNS, FileUnfit, Rows, read_rows

ZONE = ZoneInfo("Europe/Zurich")
GOOD = ("1", "CCS1", "2022-08-11 23:33:00", "2022-08-11 23:37:00", "9632")


def rows_of(
    path: Path, *rows: Sequence[str], header: Sequence[str] = COLUMNS, limit: int | None = None
) -> Rows:
    file = path / "sessions.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([header, *rows])
    return read_rows(file, ZONE, limit)


def changed(**cells: str) -> tuple[str, ...]:
    """A good row that says something else in some of its columns."""
    named = dict(zip(("id", "plug", "came", "left", "energy"), GOOD, strict=True))
    return tuple({**named, **cells}.values())


def test_a_row_is_read_with_its_local_times(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, GOOD).good
    assert (row.id, row.plug, row.energy_wh, row.seconds) == ("1", "CCS1", 9632, 240)
    assert row.arrival == datetime(2022, 8, 11, 21, 33, tzinfo=UTC)


def test_columns_stand_in_any_order_among_others(tmp_path: Path) -> None:
    header = ("Pmax (W)", *reversed(COLUMNS), "SOC arrival")
    read = rows_of(tmp_path, ("168393", *reversed(GOOD), "26"), header=header)
    assert [row.id for row in read.good] == ["1"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"energy": "0"}, "energy_not_positive"),
        ({"energy": "-5"}, "energy_not_positive"),
        ({"energy": "0.4"}, "energy_not_positive"),
        ({"energy": "much"}, "energy_not_a_number"),
        ({"energy": "NaN"}, "energy_not_a_number"),
        ({"energy": "inf"}, "energy_not_a_number"),
        ({"energy": "1e99"}, "power_impossible"),
        ({"energy": "70000"}, "power_impossible"),
        ({"energy": ""}, "value_missing"),
        ({"id": " "}, "value_missing"),
        ({"id": "x" * 65}, "name_too_long"),
        ({"left": "2022-08-11 23:33:00"}, "departure_not_after_arrival"),
        ({"left": "2022-08-11 22:00:00"}, "departure_not_after_arrival"),
        ({"left": "2022-08-13 23:33:01"}, "longer_than_a_day"),
        ({"came": "yesterday"}, "not_a_time"),
        ({"came": "2022-08-11 23:33:00+02:00"}, "not_a_time"),
        ({"came": "2022-08-11 23:33:00.5"}, "not_a_time"),
        ({"came": "2022-03-27 02:30:00", "left": "2022-03-27 03:30:00"}, "no_such_local_time"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(
    tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    read = rows_of(tmp_path, changed(**cells), changed(id="good"))
    assert [(row.line, row.code) for row in read.refused] == [(2, code)]
    assert [row.id for row in read.good] == ["good"]


def test_a_row_has_as_many_values_as_the_file_has_columns(tmp_path: Path) -> None:
    read = rows_of(tmp_path, (*GOOD, "more"), GOOD[:-1])
    assert [row.code for row in read.refused] == ["too_many_values", "value_missing"]


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    later = changed(came="2022-08-12 08:00:00", left="2022-08-12 08:20:00")
    read = rows_of(tmp_path, later, GOOD)
    assert [row.line for row in read.good] == [3]  # the one that came first
    assert [(row.line, row.code) for row in read.refused] == [(2, "duplicate_id")]


def test_a_plug_serves_one_car_at_a_time(tmp_path: Path) -> None:
    overlapping = changed(id="2", came="2022-08-11 23:36:00", left="2022-08-11 23:50:00")
    elsewhere = (overlapping[0], "CCS2", *overlapping[2:])
    assert rows_of(tmp_path, GOOD, overlapping).refused[0].code == "plug_taken"
    assert not rows_of(tmp_path, GOOD, elsewhere).refused


def test_a_refused_row_takes_no_plug(tmp_path: Path) -> None:
    """Three cars: the second collides with the first, the third only with the second."""
    second = changed(id="2", came="2022-08-11 23:36:00", left="2022-08-11 23:50:00")
    third = changed(id="3", came="2022-08-11 23:40:00", left="2022-08-11 23:45:00")
    read = rows_of(tmp_path, GOOD, second, third)
    assert [row.id for row in read.good] == ["1", "3"]


def test_the_next_car_may_come_when_the_last_one_leaves(tmp_path: Path) -> None:
    follower = changed(id="2", came="2022-08-11 23:37:00", left="2022-08-11 23:50:00")
    assert not rows_of(tmp_path, GOOD, follower).refused


def test_a_stay_over_the_hour_that_comes_twice_is_as_long_as_makes_sense(tmp_path: Path) -> None:
    over = changed(came="2022-10-30 02:50:00", left="2022-10-30 02:10:00")
    (row,) = rows_of(tmp_path, over).good
    assert row.seconds == 20 * 60


def test_parts_of_a_watt_hour_are_rounded_as_a_meter_does(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, changed(energy="9632.6")).good
    assert row.energy_wh == 9633


def test_a_limit_takes_the_first_cars(tmp_path: Path) -> None:
    later = changed(id="2", came="2022-08-12 08:00:00", left="2022-08-12 08:20:00")
    read = rows_of(tmp_path, later, GOOD, changed(id="3", energy="0"), limit=1)
    assert [row.id for row in read.good] == ["1"]
    assert len(read.refused) == 1


def test_a_file_without_a_column_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(FileUnfit, match="Energy"):
        rows_of(tmp_path, GOOD[:-1], header=COLUMNS[:-1])
    with pytest.raises(FileUnfit, match="no column"):
        rows_of(tmp_path, header=())


def test_bytes_that_are_no_text_are_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "sessions.csv"
    file.write_bytes(",".join(COLUMNS).encode() + b"\n\xff\xfe\x00\n")
    with pytest.raises(FileUnfit, match="UTF-8"):
        read_rows(file, ZONE)
