"""Does the rate feed's adapter read what a server sends, and refuse what it should not read?"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from chalicelib.adapters.ecb import EcbRates
from chalicelib.ports.rates import RatesUnavailable

DOCUMENT = (
    b'<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    b'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>'
    b'<Cube time="2026-11-20"><Cube currency="SEK" rate="11.0375"/></Cube></Cube></gesmes:Envelope>'
)
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@contextmanager
def served(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A test says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/eurofxref.xml"
        finally:
            server.shutdown()
            thread.join()


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
