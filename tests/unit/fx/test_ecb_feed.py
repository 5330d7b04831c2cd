from datetime import date
from decimal import Decimal

import pytest

from chalicelib.adapters.ecb import read_rates
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.ports.rates import RatesUnavailable
from chalicelib.usecases.rates.import_rates import RatesDiffer, import_rates
from chalicelib.usecases.rates.rate_on import rate_on
from sandbox.memory.ports import MemoryPorts

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope '
    'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>'
)
TAIL = "</Cube></gesmes:Envelope>"
TWO_DAYS = (
    f'{HEAD}<Cube time="2026-11-20"><Cube currency="SEK" rate="11.0375"/>'
    '<Cube currency="CHF" rate="0.9312"/></Cube>'
    f'<Cube time="2026-11-19"><Cube currency="SEK" rate="11.0"/></Cube>{TAIL}'
).encode()
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


def test_the_days_of_the_feed_come_oldest_first_with_exact_rates() -> None:
    older, newer = read_rates(TWO_DAYS, "https://rates.example")
    assert (older.day, newer.day) == (date(2026, 11, 19), FRIDAY)
    assert newer.per_euro == {"SEK": Decimal("11.0375"), "CHF": Decimal("0.9312")}
    assert newer.source == "https://rates.example"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>maintenance</body></html>",
        b"<Cube",
        b"\xff\xfe\x00",
        f"{HEAD}{TAIL}".encode(),
        f'{HEAD}<Cube time="today"><Cube currency="SEK" rate="11"/></Cube>{TAIL}'.encode(),
        f'{HEAD}<Cube time="2026-11-20"><Cube currency="SEK" rate="0"/></Cube>{TAIL}'.encode(),
        f'{HEAD}<Cube time="2026-11-20"><Cube currency="SEK" rate="NaN"/></Cube>{TAIL}'.encode(),
        f'{HEAD}<Cube time="2026-11-20"><Cube currency="SEK" rate="x"/></Cube>{TAIL}'.encode(),
        f'{HEAD}<Cube time="2026-11-20"><Cube currency="?" rate="1"/></Cube>{TAIL}'.encode(),
        f'{HEAD}<Cube time="2026-11-20"></Cube>{TAIL}'.encode(),
        f'<!DOCTYPE x [<!ENTITY a "b">]>{HEAD}{TAIL}'.encode(),
    ],
)
def test_what_is_no_list_of_rates_is_refused_whole(content: bytes) -> None:
    with pytest.raises(RatesUnavailable):
        read_rates(content, "https://rates.example")


def test_importing_again_adds_nothing_and_a_weekend_reads_fridays_rates() -> None:
    ports = MemoryPorts()
    ports.rates.days = read_rates(TWO_DAYS, "f")
    assert import_rates(ports) == 2
    assert import_rates(ports) == 0
    assert rate_on(ports, SATURDAY).day == FRIDAY
    assert rate_on(ports, FRIDAY).day == FRIDAY
    assert rate_on(ports, date(2026, 11, 19)).per_euro == {"SEK": Decimal("11.0")}


def test_a_published_day_that_changes_is_shown_to_a_person_and_not_taken() -> None:
    ports = MemoryPorts()
    ports.rates.days = [DailyRates(FRIDAY, {"SEK": Decimal(11)}, "f")]
    import_rates(ports)
    later = DailyRates(date(2026, 11, 23), {"SEK": Decimal(10)}, "f")
    ports.rates.days = [DailyRates(FRIDAY, {"SEK": Decimal(12)}, "f"), later]
    with pytest.raises(RatesDiffer):
        import_rates(ports)
    assert rate_on(ports, FRIDAY).per_euro == {"SEK": Decimal(11)}
    assert rate_on(ports, later.day) == later
