"""What may the channel rely on at a rate feed? The same in memory and over HTTP; and more there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.adapters.ecb import EcbRates
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.money import currency
from chalicelib.ports.rates import RateFeed, RatesUnavailable
from sandbox.memory.outside import MemoryRates
from tests.contract.answering import answering

THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)
RATES = {FRIDAY: "11.0375", THURSDAY: "11.0410"}  # the newest first, as the ECB lists them


def document(days: dict[date, str]) -> bytes:
    listed = "".join(
        f'<Cube time="{day}"><Cube currency="SEK" rate="{rate}"/></Cube>'
        for day, rate in days.items()
    )
    return (
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
        f"<Cube>{listed}</Cube></gesmes:Envelope>"
    ).encode()


DOCUMENT = document({FRIDAY: RATES[FRIDAY]})
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@contextmanager
def served(status: int, body: bytes) -> Iterator[str]:
    headers = {"Location": "http://127.0.0.1:1/elsewhere"}
    with answering(lambda _: (status, headers, body)) as url:
        yield f"{url}/eurofxref.xml"


@contextmanager
def feed(kind: str, days: dict[date, str]) -> Iterator[RateFeed]:
    if kind == "memory":
        sek = currency("SEK")
        listed = [DailyRates(day, {sek: Decimal(rate)}, "ECB") for day, rate in days.items()]
        yield MemoryRates(listed)
        return
    with served(200, document(days)) as url:
        yield EcbRates(url)


@pytest.mark.parametrize("kind", ["memory", "http"])
def test_published_days_come_oldest_first_with_exact_rates(kind: str) -> None:
    with feed(kind, RATES) as published:
        first, last = published.latest()
    assert (first.day, last.day) == (THURSDAY, FRIDAY)
    assert last.per_euro == {"SEK": Decimal("11.0375")}


@pytest.mark.parametrize("kind", ["memory", "http"])
def test_a_feed_that_lists_no_day_is_unavailable(kind: str) -> None:
    with feed(kind, {}) as published, pytest.raises(RatesUnavailable):
        published.latest()


def test_the_feed_is_read_over_http() -> None:
    with served(200, DOCUMENT) as url:
        (rates,) = EcbRates(url).latest()
    assert (rates.day.isoformat(), rates.source) == ("2026-11-20", url)


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, DOCUMENT), (302, DOCUMENT), (200, b"no rates"), (200, b" " * 2_000_001)],
    ids=["unavailable", "redirect", "not XML", "too large"],
)
def test_another_answer_leaves_the_rates_that_we_have(status: int, body: bytes) -> None:
    with served(status, body) as url, pytest.raises(RatesUnavailable):
        EcbRates(url).latest()


def test_no_answer_is_no_rates() -> None:
    with served(200, b"") as url:
        closed = url
    with pytest.raises(RatesUnavailable):
        EcbRates(closed).latest()
