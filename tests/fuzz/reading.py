"""What happens to any bytes that claim to be a CDR or a tariff? They are priced, or refused."""

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import Rejected
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price_session
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Usage
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.envelope.body import dump, parse
from chalicelib.ocpi.lenient.plain import plain_claim, plain_usage
from chalicelib.ocpi.v2_1_1.cdr import read_cdr as read_cdr_2_1_1
from chalicelib.ocpi.v2_1_1.tariff import read_tariff as read_tariff_2_1_1
from chalicelib.ocpi.v2_2_1.cdr import read_cdr as read_cdr_2_2_1
from chalicelib.ocpi.v2_2_1.session import read_patch, read_session
from chalicelib.ocpi.v2_2_1.tariff import read_tariff as read_tariff_2_2_1
from chalicelib.ocpi.v2_3_0.cdr import read_cdr as read_cdr_2_3_0
from chalicelib.ocpi.v2_3_0.tariff import read_tariff as read_tariff_2_3_0
from tests.golden.tariff_notation import cdr_object, tariff_objects

_ZONE = "Europe/Berlin"
_GOLDEN = Path(__file__).parents[1] / "golden"
_CDRS = (read_cdr_2_1_1, read_cdr_2_2_1, read_cdr_2_3_0)
_TARIFFS = (read_tariff_2_1_1, read_tariff_2_2_1, read_tariff_2_3_0)
_OTHERS: tuple[Callable[[object], object], ...] = (read_session, read_patch)


def read_and_price(raw: bytes | str) -> int:
    """How many readers had a reading. Whatever is raised but Rejected is a bug."""
    try:
        return read_and_price_value(parse(raw))
    except Rejected:
        return 0


def read_and_price_value(value: object) -> int:
    found = 0
    for read_cdr in _CDRS:
        cdr = _read(read_cdr, value)
        if cdr is not None:
            _price(cdr)
        found += cdr is not None
    for read_tariff in _TARIFFS:
        tariff = _read(read_tariff, value)
        if tariff is not None:
            tariff_hash(tariff)
            _prepared(tariff)
        found += tariff is not None
    if isinstance(value, dict):
        _same_claim(value)
    return found + sum(_heard(read, value) for read in _OTHERS)


def _same_claim(value: dict[str, Any]) -> None:
    """What the quick reader reads is what the whole one does."""
    cdr = _read(read_cdr_2_2_1, value)
    if cdr is not None:
        claim, usage = plain_claim(value), plain_usage(value)
        assert claim in {None, (cdr.id, cdr.currency, cdr.total_cost)}
        assert usage in {None, Usage(cdr.start, cdr.end, cdr.periods)}
        assert usage is None or not cdr.credit


def _read(reader: Callable[[object], tuple[Any, tuple[str, ...]]], value: object) -> Any:
    try:
        found, mended = reader(value)
    except Rejected:
        return None
    for note in mended:
        code, _, rest = note.partition(" ")
        assert code.replace("_", "").isalpha(), note
        assert ": " in rest, note
        assert len(note) < 2_000, note
    return found


def _heard(reader: Callable[[object], object], value: object) -> bool:
    try:
        reader(value)
    except Rejected:
        return False
    return True


def _prepared(tariff: Tariff) -> PreparedTariff | None:
    try:
        return prepare(tariff, _ZONE)
    except Rejected:
        return None


def _price(cdr: ReceivedCdr) -> None:
    prepared = {tariff.id: found for tariff in cdr.tariffs if (found := _prepared(tariff))}
    usage = Usage(cdr.start, cdr.end, cdr.periods)
    if prepared:
        try:
            price = price_session(prepared, usage, next(iter(prepared.values())))
        except Rejected:
            return
        assert price.excl_vat.is_finite()
        assert price.incl_vat is None or price.incl_vat.is_finite()


def seeds() -> Iterator[str]:
    """The golden cases as JSON texts: whole CDRs, and each tariff in them."""
    for file in sorted(_GOLDEN.glob("tariffs/**/*.toml")):
        for case in tomllib.loads(file.read_text()).values():
            version = case.get("ocpi", "2.2.1")
            tariffs = tariff_objects(case["tariff"], version)
            day: date = case["day"]
            yield dump(cdr_object(day, case["session"], *tariffs, version=version))
            yield from map(dump, tariffs)
    for file in sorted(_GOLDEN.glob("wire/*.json")):
        case = json.loads(file.read_text())
        if "expected" in case:  # the others have no reading
            yield json.dumps(case["cdr"])
