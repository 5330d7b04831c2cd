"""Which OCPI version does a file speak, and what does the tariff or CDR in it say?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ocpi.envelope.body import BYTES_MAX, MalformedJson, parse_object
from chalicelib.ocpi.v2_1_1 import cdr as cdr_2_1_1
from chalicelib.ocpi.v2_1_1 import tariff as tariff_2_1_1
from chalicelib.ocpi.v2_2_1 import cdr as cdr_2_2_1
from chalicelib.ocpi.v2_2_1 import tariff as tariff_2_2_1
from chalicelib.ocpi.v2_3_0 import cdr as cdr_2_3_0
from chalicelib.ocpi.v2_3_0 import tariff as tariff_2_3_0

_CDRS: dict[str, Callable[[object], tuple[ReceivedCdr, tuple[str, ...]]]] = {
    "2.1.1": cdr_2_1_1.read_cdr,
    "2.2.1": cdr_2_2_1.read_cdr,
    "2.3.0": cdr_2_3_0.read_cdr,
}
_TARIFFS: dict[str, Callable[[object], tuple[Tariff, tuple[str, ...]]]] = {
    "2.1.1": tariff_2_1_1.read_tariff,
    "2.2.1": tariff_2_2_1.read_tariff,
    "2.3.0": tariff_2_3_0.read_tariff,
}
OCPI_OPTION: dict[str, Any] = {  # of every command that reads such a file
    "choices": tuple(_CDRS),
    "default": "",
    "help": "the version that the file speaks (default: what it looks like)",
}
_OLD_MEMBERS = ("stop_date_time", "auth_id", "location")


class Spoken(NamedTuple):
    """An OCPI version, and by which member it was recognised; empty when somebody named it."""

    version: str
    because: str = ""


def load(path: Path) -> dict[str, Any]:
    """The JSON object of a file. Raises OSError, MalformedJson."""
    if path.stat().st_size > BYTES_MAX:
        raise MalformedJson(f"{path} is larger than {BYTES_MAX:,} bytes")
    return parse_object(path.read_bytes())


def read_cdr(
    value: dict[str, Any], named: str | None = None
) -> tuple[ReceivedCdr, tuple[str, ...], Spoken]:
    """A CDR in the version named, else in the one it looks like. Raises Invalid."""
    spoken = Spoken(named) if named else spoken_in_cdr(value)
    return *_CDRS[spoken.version](value), spoken


def read_tariff(
    value: dict[str, Any], named: str | None = None
) -> tuple[Tariff, tuple[str, ...], Spoken]:
    """A tariff in the version named, else in the one it looks like. Raises Invalid."""
    spoken = Spoken(named) if named else spoken_in_tariff(value)
    return *_TARIFFS[spoken.version](value), spoken


def spoken_in_cdr(value: dict[str, Any]) -> Spoken:
    cost = value.get("total_cost")
    if isinstance(cost, dict):
        for name, version in (("before_taxes", "2.3.0"), ("excl_vat", "2.2.1")):
            if name in cost:
                return Spoken(version, f"total_cost.{name}")
    for name in _OLD_MEMBERS:
        if value.get(name) is not None:
            return Spoken("2.1.1", name)
    return Spoken("2.2.1", "nothing in it belongs to another version")


def spoken_in_tariff(value: dict[str, Any]) -> Spoken:
    if value.get("tax_included") is not None:
        return Spoken("2.3.0", "tax_included")
    for name in ("min_price", "max_price"):
        limit = value.get(name)
        if isinstance(limit, dict) and not {"before_taxes", "after_taxes"}.isdisjoint(limit):
            return Spoken("2.3.0", name)
    if value.get("country_code") is None and value.get("party_id") is None:
        return Spoken("2.1.1", "it names no country_code and party_id")
    return Spoken("2.2.1", "nothing in it belongs to another version")


def time_zone_in(value: dict[str, Any]) -> str:
    """The zone of a CDR's location where it tells one, as 2.1.1's whole Location may."""
    for name in ("location", "cdr_location"):
        location = value.get(name)
        zone = location.get("time_zone") if isinstance(location, dict) else None
        if isinstance(zone, str) and zone:
            return zone
    return ""
