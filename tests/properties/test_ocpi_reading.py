"""Does anything that a peer may send break a reader? It is read, or refused as Invalid."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.connection.refusals import UpdateOfUnknown, UpdateOutdated
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PeerId
from chalicelib.ocpi.envelope.authorization import candidates, shown
from chalicelib.ocpi.envelope.body import MalformedJson, dump, parse, parse_items
from chalicelib.ocpi.envelope.command import read_answer
from chalicelib.ocpi.envelope.pages import next_url, read_page
from chalicelib.ocpi.envelope.references import read_references
from chalicelib.ocpi.envelope.versions import read_details, read_versions
from chalicelib.ocpi.language import VERSIONS, language
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.lenient.update import merged_update

AT = "2026-11-20T08:00:00Z"
PERIOD = {"start_date_time": AT, "dimensions": [{"type": "ENERGY", "volume": 1}]}
OWNER = {"country_code": "DE", "party_id": "ALF", "id": "X", "last_updated": AT}
SESSION = {
    **OWNER,
    "start_date_time": AT,
    "end_date_time": AT,
    "kwh": 1,
    "cdr_token": {"uid": "U"},
    "currency": "EUR",
    "charging_periods": [PERIOD],
    "total_cost": {"excl_vat": 1},
    "status": "ACTIVE",
}
CDR = {
    **SESSION,
    "total_energy": 1,
    "total_time": 1,
    "cdr_location": {"id": "L"},
    "tariffs": [],
}
CONNECTOR = {"id": "1", "standard": "CHADEMO", "power_type": "DC", "tariff_ids": ["T"]}
EVSE = {"uid": "E", "status": "AVAILABLE", "connectors": [CONNECTOR], "last_updated": AT}
LOCATION = {
    **OWNER,
    "address": "A",
    "city": "C",
    "country": "DEU",
    "coordinates": {"latitude": "52.5", "longitude": "13.4"},
    "time_zone": "Europe/Berlin",
    "evses": [EVSE],
}
COMPONENT = {"type": "ENERGY", "price": 1, "vat": 19, "step_size": 1}
TARIFF = {
    **OWNER,
    "currency": "EUR",
    "elements": [
        {
            "price_components": [COMPONENT],
            "restrictions": {"start_time": "08:00", "day_of_week": ["MONDAY"], "min_kwh": 1},
        }
    ],
}
ROLE = {"role": "CPO", "country_code": "DE", "party_id": "ALF"}
CREDENTIALS = {"token": "t", "url": "https://a.example", "roles": [ROLE]}

PLUG = {"id": "1", "standard": "CHADEMO", "power_type": "DC", "voltage": 400, "tariff_id": "T"}
USED = {**LOCATION, "evses": [{**EVSE, "connectors": [PLUG]}]}
PLAIN = {"auth_id": "ses_1", "location": USED, "total_cost": 1}
OF_2_1_1: dict[str, Any] = {
    "session": {**SESSION, **PLAIN, "start_datetime": AT, "end_datetime": AT},
    "patch": {**SESSION, **PLAIN, "start_datetime": AT},
    "cdr": {**CDR, **PLAIN, "stop_date_time": AT},
    "location": USED,
    "credentials": {**CREDENTIALS, "country_code": "DE", "party_id": "ALF"},
}
TAXED = {"before_taxes": 1, "taxes": [{"name": "VAT", "percentage": 19, "amount": 1}]}
OF_2_3_0: dict[str, Any] = {
    "session": {**SESSION, "total_cost": TAXED},
    "patch": {**SESSION, "total_cost": TAXED},
    "cdr": {**CDR, "total_cost": TAXED},
    "credentials": {**CREDENTIALS, "hub_party_id": "DEHUB"},
}
OWNED = Owner("DE", "ALF")


def _readers(version: str) -> dict[str, tuple[Callable[[Any], object], Any]]:
    """A version's readers, each with an object that it has a reading for."""
    spoken = language(version)
    forms = {
        "session": SESSION,
        "patch": SESSION,
        "cdr": CDR,
        "location": LOCATION,
        "tariff": TARIFF,
        "credentials": CREDENTIALS,
        **{"2.1.1": OF_2_1_1, "2.3.0": OF_2_3_0}.get(version, {}),
    }
    readers: dict[str, Callable[[Any], object]] = {
        "session": lambda value: spoken.read_session(value, OWNED),
        "patch": spoken.read_patch,
        "cdr": lambda value: spoken.read_cdr(value, "", OWNED),
        "location": lambda value: spoken.read_location(value, PeerId("p"), {}, OWNED),
        "tariff": lambda value: spoken.read_tariff(value, OWNED),
        "credentials": spoken.read_credentials,
    }
    return {f"{name} of {version}": (read, forms[name]) for name, read in readers.items()}


READERS: dict[str, tuple[Callable[[Any], object], Any]] = {
    **{name: reader for version in VERSIONS for name, reader in _readers(version).items()},
    "references": (read_references, {"location_id": "L", "evse_uids": ["E"]}),
    "answer": (read_answer, {"result": "ACCEPTED", "timeout": 30}),
    "versions": (read_versions, [{"version": "2.2.1", "url": "u"}]),
    "details": (
        read_details,
        {"endpoints": [{"identifier": "cdrs", "role": "SENDER", "url": "u"}]},
    ),
}
numbers = st.integers(-(10**20), 10**20) | st.decimals(allow_nan=False, allow_infinity=False)
ODD = (
    *("", " ", "#NA", "eur", "24:00", "99:99", AT[:-1], "0001-01-01", "9999-12-31T23:59:59-23:59"),
    *("\u0000", "\U0001f600", "1e999", "-0", "NaN", "x" * 5000, "../..", "DE", "RESERVED"),
)
odd = st.sampled_from(ODD)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20) | odd
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for name, part in value.items():
            found.extend(paths(part, (*path, name)))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            found.extend(paths(part, (*path, number)))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_one_odd_member_is_read_or_refused_by_name(name: str, data: st.DataObject) -> None:
    reader, good = READERS[name]
    reader(good)
    path = data.draw(st.sampled_from(paths(good)))
    with suppress(Invalid):
        reader(changed(good, path, data.draw(values)))


@given(data=st.data(), whole=st.booleans())
def test_an_odd_update_of_a_location_is_merged_or_refused(
    data: st.DataObject, *, whole: bool
) -> None:
    target = data.draw(st.sampled_from([("", ""), ("E", ""), ("E", "1"), ("F", ""), ("F", "1")]))
    update = {"last_updated": AT, **data.draw(st.dictionaries(st.text(max_size=8), values))}
    with suppress(Invalid, UpdateOfUnknown, UpdateOutdated):
        merged = merged_update(LOCATION, *target, update, whole=whole)
        assert parse(dump(merged)) == merged


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_json_or_malformed(raw: bytes | str) -> None:
    with suppress(MalformedJson):
        parse(raw)
    with suppress(MalformedJson):
        parse_items(raw)


@given(values, st.lists(values, max_size=4))
def test_items_are_the_texts_of_their_values(other: Any, items: list[Any]) -> None:
    text = json.dumps({"other": other, "data": items, "more": 1}, default=str, indent=1)
    envelope, found = parse_items(text)
    assert [parse(item.text) for item in found] == [item.value for item in found]
    assert len(found) == len(items)
    assert set(envelope) == {"other", "more"}


@given(st.text(max_size=100))
def test_any_header_has_candidates_or_none(text: str) -> None:
    for found in candidates(text):
        assert found.strip() == found != ""
    next_url(text)
    with suppress(Invalid):
        read_page(dict.fromkeys(("date_from", "date_to", "offset", "limit"), text))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64))
def test_what_we_show_is_what_is_read(token: str) -> None:
    assert token in candidates(shown(token))
    assert token in candidates(shown(token, raw=True))
