"""How fast is a CDR's JSON text read and priced, numbers exact, in one run with plain parsing?

By what `python -m sandbox reprice` does for each CDR of a network's year. `json` alone, which makes
floats of the numbers and checks nothing, is shown as the measure of this laptop's moment.
"""

import json
from collections.abc import Callable
from time import process_time
from typing import Any

from chalicelib.ocpi.envelope.body import parse
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from sandbox.repricing.again import again, total_of
from sandbox.repricing.book import Book
from sandbox.repricing.stream import Found

RATE_MIN = 25_000
_BATCH = 50  # short: on a busy machine only short moments are quiet
_ROUNDS = 400
_OWNER = {"country_code": "DE", "party_id": "TST", "last_updated": "2026-11-20T10:02:13Z"}
_COMPONENT = {"type": "ENERGY", "price": 0.49, "vat": 19.0, "step_size": 1}
_TARIFF = {
    **_OWNER,
    "id": "T1",
    "currency": "EUR",
    "elements": [{"price_components": [_COMPONENT]}],
}
_LOCATION = {
    "id": "LOC1",
    "name": "Gent Zuid",
    "address": "F.Rooseveltlaan 3A",
    "city": "Gent",
    "postal_code": "9000",
    "country": "BEL",
    "coordinates": {"latitude": "3.729944", "longitude": "51.047599"},
    "evse_uid": "3256",
    "evse_id": "BE*BEC*E041503003",
    "connector_id": "1",
    "connector_standard": "IEC_62196_T2",
    "connector_format": "SOCKET",
    "connector_power_type": "AC_1_PHASE",
}
_DIMENSIONS = [{"type": "ENERGY", "volume": 20.4512}, {"type": "TIME", "volume": 1.973}]
_PERIOD = {
    "start_date_time": "2026-11-20T08:00:00Z",
    "dimensions": _DIMENSIONS,
    "tariff_id": "T1",
}
_CDR: dict[str, Any] = {
    **_OWNER,
    "id": "12345",
    "start_date_time": "2026-11-20T08:00:00Z",
    "end_date_time": "2026-11-20T09:58:23Z",
    "session_id": "S12345",
    "cdr_token": {"uid": "012345678", "type": "RFID", "contract_id": "DE8ACC12E46L89"},
    "auth_method": "WHITELIST",
    "cdr_location": _LOCATION,
    "currency": "EUR",
    "charging_periods": [_PERIOD],
    "total_cost": {"excl_vat": 10.02, "incl_vat": 11.92},
    "total_energy": 20.4512,
    "total_time": 1.973,
}


def measure(rounds: int = _ROUNDS) -> dict[str, float]:
    """How often a second each is done, best of `rounds`; they take turns."""
    text = json.dumps(_CDR, separators=(",", ":"))
    with_tariff = json.dumps({**_CDR, "tariffs": [_TARIFF]}, separators=(",", ":"))
    tariff, mended = read_tariff(parse(json.dumps(_TARIFF)))
    published, its_own = Book([tariff], "Europe/Berlin"), Book([], "Europe/Berlin")
    found = [Found("", text, len(text))] * _BATCH
    assert not mended, "the tariff is a clean one"
    runs: dict[str, tuple[Callable[[], object], int]] = {
        "json alone, numbers as floats": (lambda: json.loads(text), _BATCH),
        "JSON text, exact and checked": (lambda: parse(text), _BATCH),
        "JSON text to total": (lambda: total_of(text, published), _BATCH),
        "… by the tariff embedded in it": (lambda: total_of(with_tariff, its_own), _BATCH),
        "… compared with its claim, and counted": (lambda: again(found, published), 1),
        "JSON text to every member of the CDR": (lambda: read_cdr(parse(text)), _BATCH),
    }
    best = dict.fromkeys(runs, 0.0)
    for _ in range(rounds):
        for name, (run, times) in runs.items():
            best[name] = max(best[name], _rate(run, times))
    return best


def _rate(run: Callable[[], object], times: int) -> float:
    """Of a batch, however many times it is run for one."""
    begun = process_time()
    for _ in range(times):
        run()
    return _BATCH / (process_time() - begun)
