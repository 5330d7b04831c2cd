"""Does anything that may be sent for a CDR or tariff break a reader or the engine, or hang it?

Every golden case, spoiled in up to three places, is priced or refused by type. `make fuzz` does
the same with coverage as its guide.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Rejected
from chalicelib.ocpi.envelope.body import BYTES_MAX, MalformedJson, parse
from chalicelib.ocpi.lenient.period import PERIODS_MAX
from chalicelib.ocpi.lenient.tariff import ELEMENTS_MAX
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.fuzz.reading import read_and_price, read_and_price_value, seeds
from tests.golden.tariff_notation import cdr_object, tariff_object
from tests.properties.test_ocpi_reading import changed, paths, values

_CLOCKS = st.sampled_from(("24:00", "99:99", "19:59:59", "0:00", "2026-02-30", "0001-01-01"))
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9, max_value=99)
_WORDS = st.sampled_from(("YES", "N/A", "RESERVATION", "RESERVATION_EXPIRES", "SATURDAY", "TIME"))
_ODD = values | _CLOCKS | _NUMBERS | _WORDS


@cache
def _documents() -> tuple[Any, ...]:
    return tuple(map(parse, seeds()))


def test_every_golden_case_has_a_reading() -> None:
    assert all(read_and_price_value(document) for document in _documents())


@given(st.data())
def test_a_spoiled_case_is_priced_or_refused_by_type(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(_documents()))
    for _ in range(data.draw(st.integers(1, 3))):
        value = changed(value, data.draw(st.sampled_from(paths(value))), data.draw(_ODD))
    read_and_price_value(value)


@given(st.data())
def test_a_spoiled_text_is_priced_or_refused_by_type(data: st.DataObject) -> None:
    text = json.dumps(data.draw(st.sampled_from(_documents())), default=float)
    at = data.draw(st.integers(0, len(text) - 1))
    until = data.draw(st.integers(at, min(at + 20, len(text))))
    read_and_price(text[:at] + data.draw(st.text(max_size=8)) + text[until:])


def _tariff(elements: int) -> dict[str, Any]:
    whole = tariff_object("ENERGY 0.25")
    return {**whole, "elements": whole["elements"] * elements}


def _cdr(periods: int) -> dict[str, Any]:
    whole = cdr_object(date(2026, 1, 14), "09:00 ENERGY 1\n11:00 end", tariff_object("ENERGY 1"))
    return {**whole, "charging_periods": whole["charging_periods"] * periods}


def test_what_is_within_the_limits_is_read() -> None:
    read_tariff(_tariff(ELEMENTS_MAX))
    read_cdr(_cdr(PERIODS_MAX))


def test_a_hostile_cdr_within_the_limits_is_priced_in_seconds() -> None:
    """Every period crosses edges of the clock, the energy and the duration, at unknown power."""
    sent = _cdr(1)
    start = datetime(2026, 1, 14, tzinfo=UTC)
    (dimension,) = sent["charging_periods"][0]["dimensions"]
    sent["charging_periods"] = [
        {
            "start_date_time": (start + timedelta(hours=10 * number)).isoformat(),
            "dimensions": [dimension, {"type": "TIME", "volume": 1}],
        }
        for number in range(500)
    ]
    sent["end_date_time"] = (start + timedelta(hours=5000)).isoformat()
    component = sent["tariffs"][0]["elements"][0]["price_components"][0]
    sent["tariffs"][0]["elements"] = [
        {
            "price_components": [{**component, "type": kind} for kind in ("ENERGY", "TIME")],
            "restrictions": {
                "start_time": f"{number % 24:02}:{number % 60:02}",
                "min_power": number,
                "max_kwh": number + 1,
                "min_duration": 60 * number,
            },
        }
        for number in range(100)
    ]
    begun = process_time()
    assert read_and_price_value(sent)
    assert process_time() - begun < 30, "it takes about two seconds"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" " * (BYTES_MAX + 1), "malformed_json"),
        ("[" * 33 + "]" * 33, "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"a":' * 100_000, "malformed_json"),
        (f"[1{'0' * 64}]", "malformed_json"),
        (f"[0.{'0' * 64}1]", "malformed_json"),
        ("[1e99999999999999999999]", "malformed_json"),
        (json.dumps(_tariff(ELEMENTS_MAX + 1), default=float), "invalid"),
        (json.dumps(_cdr(PERIODS_MAX + 1), default=float), "invalid"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_by_type(text: str, code: str) -> None:
    reader = read_tariff if '"price_components"' in text else read_cdr
    with pytest.raises(Rejected) as refusal:
        reader(parse(text))
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["1e12", "-0.000000000001", "0e99", "1E-400"])
def test_an_exponent_is_no_way_around_the_limits(text: str) -> None:
    sent = _tariff(1)
    sent["elements"] = parse(f'[{{"price_components": [{{"type": "FLAT", "price": {text}}}]}}]')
    tariff, _ = read_tariff(sent)
    price = tariff.elements[0].price_components[0].price
    assert len(format(price, "f")) <= len("-0.000000000001")
    assert price == round(Decimal(text), 12)


def test_a_member_named_twice_is_read_by_nobody() -> None:
    with pytest.raises(MalformedJson):
        parse('{"price": 1, "price": 2}')
