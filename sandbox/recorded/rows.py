"""Which recorded sessions of a CSV file make sense, and what is wrong with the others?

A row is refused by name and changes nothing; whether two rows collide is judged in order of
arrival, so that it is always the later one that is refused.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

SESSION, PLUG, ARRIVAL, DEPARTURE, ENERGY = (
    "Session",
    "CCS",
    "Arrival",
    "Departure",
    "Energy (Wh)",
)
COLUMNS = (SESSION, PLUG, ARRIVAL, DEPARTURE, ENERGY)
_LONGEST = timedelta(hours=24)
_POWER_MAX_W = 1_000_000
_NAME_CHARACTERS_MAX = 64
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Recorded:
    """One session as it was recorded; instants are UTC. `line` is the file's, from 1."""

    line: int
    id: str
    plug: str
    arrival: datetime
    departure: datetime
    energy_wh: int

    @property
    def seconds(self) -> int:
        return int((self.departure - self.arrival).total_seconds())


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Rows:
    """`good` in order of arrival, `refused` in the file's order."""

    good: tuple[Recorded, ...]
    refused: tuple[RefusedRow, ...]


class FileUnfit(ValueError):
    """Not a single row can be read; the message says what the file lacks."""


class _RowUnfit(ValueError):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def read_rows(path: Path, zone: ZoneInfo, limit: int | None = None) -> Rows:
    """The rows of a file, of the good ones the `limit` first; times are the zone's local ones."""
    read: list[Recorded] = []
    refused: list[RefusedRow] = []
    for line, cells in _lines(path):
        try:
            read.append(_row(line, cells, zone))
        except _RowUnfit as unfit:
            name = _text(cells.get(SESSION))[:_NAME_CHARACTERS_MAX]
            refused.append(RefusedRow(line, name, unfit.code, str(unfit)))
    good = list(_without_collisions(read, refused))
    return Rows(tuple(good[:limit]), tuple(sorted(refused, key=attrgetter("line"))))


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str | None, object]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise FileUnfit(f"{path} has no column {', '.join(map(repr, missing))}")
            for cells in reader:
                yield reader.line_num, dict(cells)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileUnfit(f"{path} is not a CSV file in UTF-8: {error}") from error


def _row(line: int, cells: Mapping[str | None, object], zone: ZoneInfo) -> Recorded:
    if None in cells:
        raise _RowUnfit("too_many_values", "the row has more values than the file has columns")
    empty = [name for name in COLUMNS if not _text(cells.get(name))]
    if empty:
        raise _RowUnfit("value_missing", f"nothing is said in {', '.join(map(repr, empty))}")
    texts = {name: _text(cells[name]) for name in COLUMNS}
    for name in (SESSION, PLUG):
        if len(texts[name]) > _NAME_CHARACTERS_MAX:
            raise _RowUnfit("name_too_long", f"{name} has over {_NAME_CHARACTERS_MAX} characters")
    energy_wh = _energy(texts[ENERGY])
    arrival, departure = _stay(texts[ARRIVAL], texts[DEPARTURE], zone)
    row = Recorded(line, texts[SESSION], texts[PLUG], arrival, departure, energy_wh)
    if energy_wh * _HOUR_S > _POWER_MAX_W * row.seconds:
        detail = f"{energy_wh} Wh within {row.seconds} s is over a megawatt"
        raise _RowUnfit("power_impossible", detail)
    return row


def _energy(text: str) -> int:
    """Whole Wh, as a meter counts; half goes to even."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite():
        raise _RowUnfit("energy_not_a_number", f"{ENERGY}: {text[:_NAME_CHARACTERS_MAX]!r}")
    if exact <= 0:
        raise _RowUnfit("energy_not_positive", f"{ENERGY}: {exact}")
    if exact > _POWER_MAX_W * 24:
        raise _RowUnfit("power_impossible", f"{ENERGY}: {exact}")
    energy_wh = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
    if not energy_wh:
        raise _RowUnfit("energy_not_positive", f"{ENERGY}: {exact} is less than a meter shows")
    return energy_wh


def _stay(came: str, left: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    arrival, departure = _instant(ARRIVAL, came, zone), _instant(DEPARTURE, left, zone)
    if departure <= arrival:
        # Of an hour that the clock shows twice, the second is meant if only then it makes sense.
        departure = _instant(DEPARTURE, left, zone, fold=1)
    if departure <= arrival:
        raise _RowUnfit("departure_not_after_arrival", f"arrived {came}, left {left}")
    if departure - arrival > _LONGEST:
        raise _RowUnfit("longer_than_a_day", f"arrived {came}, left {left}")
    return arrival, departure


def _instant(name: str, text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise _RowUnfit("not_a_time", f"{name}: {text[:_NAME_CHARACTERS_MAX]!r}") from None
    if said.tzinfo is not None:
        raise _RowUnfit("not_a_time", f"{name}: {text!r} names an offset; local time is expected")
    if said.microsecond:
        raise _RowUnfit("not_a_time", f"{name}: {text!r} is finer than a second")
    instant = said.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != said:
        raise _RowUnfit("no_such_local_time", f"{name}: {text} was skipped in {zone.key}")
    return instant


def _without_collisions(rows: Iterable[Recorded], refused: list[RefusedRow]) -> Iterator[Recorded]:
    """Each id once, and each plug taken by one car at a time."""
    ids: set[str] = set()
    at_plug: dict[str, Recorded] = {}
    for row in sorted(rows, key=lambda row: (row.arrival, row.line)):
        before = at_plug.get(row.plug)
        if row.id in ids:
            refused.append(_collided(row, "duplicate_id", "another row has the same id"))
        elif before is not None and row.arrival < before.departure:
            detail = f"session {before.id} was on plug {row.plug} at the same time"
            refused.append(_collided(row, "plug_taken", detail))
        else:
            ids.add(row.id)
            at_plug[row.plug] = row
            yield row


def _collided(row: Recorded, code: str, detail: str) -> RefusedRow:
    return RefusedRow(row.line, row.id, code, detail)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
