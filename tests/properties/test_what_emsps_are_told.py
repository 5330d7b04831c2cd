"""Is what eMSPs are told always OCPI's form, however loosely a CPO told it to us?"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.domain.errors import Invalid
from chalicelib.domain.hub.offered import ID_MAX, Offered
from chalicelib.domain.hub.session import Begun, Paid, ToldCdr, ToldSession
from chalicelib.domain.hub.token import erased
from chalicelib.domain.ids import PeerId, SessionId
from chalicelib.domain.money import Currency, Money
from chalicelib.ocpi.envelope.body import dump, parse_object
from chalicelib.ocpi.language import VERSIONS, language
from chalicelib.ocpi.told import words
from tests.properties import test_ocpi_reading as told
from tests.properties.strict_charge import shapes
from tests.properties.told_in_full import CHARGED, EVSE, LOCATION, TARIFF

EMSPS = ["2.2.1", "2.3.0"]
OWNER = ("DE", "ALF")  # whose credentials they are: what is another's is refused
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
DELETED = object()


@cache
def strict(version: str) -> dict[str, Any]:
    return shapes(version)


def check(module: str, version: str, written: dict[str, Any]) -> None:
    """Raises ValidationError where it is not OCPI's form."""
    strict(version)[module].model_validate(json.loads(dump(written)))


def without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(one) for key, one in value.items() if one is not DELETED}
    return (
        [without(one) for one in value if one is not DELETED] if isinstance(value, list) else value
    )


@st.composite
def loosely(draw: st.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """The object with up to three members that are told oddly, or not at all."""
    value: Any = good
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(told.paths(value)[1:]))
        value = told.changed(value, path, draw(told.values | st.just(DELETED)))
        value = without(value)
    return dict(parse_object(dump(value)))


def form(module: str, version: str) -> dict[str, Any]:
    """The module's object, with all that OCPI knows, as a CPO of that version tells it."""
    spoken = told.READERS[f"{module} of {version}"][1]
    full = {"location": LOCATION, "tariff": TARIFF, "cdr": CHARGED}.get(module, {})
    if module == "location" and version == "2.1.1":
        return {**full, "type": "ON_STREET", "evses": [{**EVSE, "connectors": [told.PLUG]}]}
    return {**spoken, **full}


def location(version: str, value: dict[str, Any]) -> Offered:
    read, _ = language(version).read_location(value, PeerId("p"), {}, told.OWNED)
    return Offered(read, dump(value), {("e", "1"): ("T", "x" * 50)})


PAID = Paid(Money(119, Currency("EUR")), Money(100, Currency("EUR")))


def session(version: str, value: dict[str, Any]) -> ToldSession:
    report, _ = language(version).read_session(value, told.OWNED)
    return ToldSession(
        begun=Begun(PeerId("peer_app"), "DE*ALF", "NL*APP", ""),
        id=SessionId("ses_1"),
        token=erased("NL*APP", AT),
        status=report.status.value,
        start=report.start,
        end=report.end,
        energy_kwh=report.kwh,
        currency=report.currency,
        location_id=report.location_id or "L",
        evse_uid=report.evse_uid or "E",
        connector_id=report.connector_id or "1",
        last_updated=report.last_updated,
        paid=PAID,
        periods=report.periods,
    )


def judge(module: str, version: str, value: dict[str, Any], credit_id: str = "") -> None:
    """What a CPO tells in a version is told to eMSPs of any version in OCPI's form, if at all."""
    with suppress(Invalid):
        if module == "cdr":
            _cdr(version, value, credit_id)
        else:
            {"location": _location, "tariff": _tariff, "session": _session}[module](version, value)


def _location(version: str, value: dict[str, Any]) -> None:
    offered = location(version, value)
    owner = offered.location.country_code, offered.location.party_id
    if owner == OWNER and len(offered.location.id) <= ID_MAX:
        for emsp in EMSPS:
            check("location", emsp, words(emsp).location(offered))


def _tariff(version: str, value: dict[str, Any]) -> None:
    read, _ = language(version).read_tariff(value, told.OWNED)
    for emsp in EMSPS:
        if (read.country_code, read.party_id) == OWNER and words(emsp).sayable(read):
            check("tariff", emsp, words(emsp).tariff(read, dump(value)))


def _session(version: str, value: dict[str, Any]) -> None:
    whole = session(version, value)
    for emsp in EMSPS:
        check("session", emsp, words(emsp).session(whole))


def _cdr(version: str, value: dict[str, Any], credit_id: str) -> None:
    read, _ = language(version).read_cdr(value, "", told.OWNED)
    tariff, _ = language("2.2.1").read_tariff(TARIFF, told.OWNED)
    place = location(version, form("location", version))
    whole = ToldCdr(
        session=session(version, form("session", version)),
        paid=PAID,
        cdr=read,
        raw=dump(value),
        tariff=tariff,
        last_updated=AT,
        location=place.location,
        location_raw=place.raw,
        credit_id=credit_id,
    )
    for emsp in EMSPS:
        check("cdr", emsp, words(emsp).cdr(whole))


MODULES = ["location", "tariff", "session", "cdr"]
ODDLY = (None, -1, "", "x" * 300, "a\nb", ["perhaps"], {"a": 1}, DELETED)


def members(value: Any, path: tuple[Any, ...], seen: set[int]) -> Iterator[tuple[Any, ...]]:
    """Where each member stands; those of an object that stands there several times once."""
    yield path
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    seen.add(id(value))
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield from members(part, (*path, name), seen)


@pytest.mark.parametrize(
    ("module", "version"), [*((one, "2.3.0") for one in MODULES), ("cdr", "2.1.1")]
)
def test_any_member_may_be_told_oddly(module: str, version: str) -> None:
    good = form(module, version)
    for path in list(members(good, (), set()))[1:]:
        for value in ODDLY:
            judge(module, version, without(told.changed(good, path, value)))


@pytest.mark.parametrize("module", MODULES)
@given(
    data=st.data(),
    version=st.sampled_from(VERSIONS),
    credit_id=st.sampled_from(["", "credit" * 10]),
)
def test_some_members_are_told_anyhow(
    module: str, data: st.DataObject, version: str, credit_id: str
) -> None:
    judge(module, version, data.draw(loosely(form(module, version))), credit_id)


@pytest.mark.parametrize("module", ["location", "tariff"])
def test_what_is_told_well_is_passed_on_whole(module: str) -> None:
    """What the shapes are strict about is what is there: nothing is left out that is right."""
    value = form(module, "2.3.0")
    if module == "location":
        written = words("2.3.0").location(location("2.3.0", value))
    else:
        read, _ = language("2.3.0").read_tariff(value, told.OWNED)
        written = words("2.3.0").tariff(read, dump(value))
    check(module, "2.3.0", written)
    same = {
        name
        for name in value
        if json.loads(dump(written)).get(name) == json.loads(dump(value))[name]
    }
    assert value.keys() - same <= {"coordinates", "opening_times", "evses", "elements"}
    with pytest.raises(ValidationError):
        check(module, "2.3.0", {**written, "energy_mix": None})
