"""Which tariffs can a recording be replayed by?"""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import DomainError, Invalid
from sandbox.recorded.cast import Published, cast_of, read_published

ROOT = Path(__file__).parents[3]
ZONE = "Europe/Zurich"
SIMPLE: dict[str, Any] = {
    "id": "T",
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": 0.5, "step_size": 1}]}],
}


def published(path: Path, **members: object) -> Published:
    file = path / "tariff.json"
    file.write_text(json.dumps({**SIMPLE, **members}))
    return read_published(file, ZONE)


def test_the_sample_tariff_can_be_replayed_by() -> None:
    sample = read_published(ROOT / "sandbox" / "market" / "sample_tariff.json", ZONE)
    assert sample.currency == "CHF"


def test_everybody_is_of_the_chargers_country_and_settles_in_the_tariffs_currency(
    tmp_path: Path,
) -> None:
    cast = cast_of(published(tmp_path, currency="SEK"), "SE", "Europe/Stockholm", plugs=3)
    parties = [cast.channel, *cast.paid_parties]
    assert {(party.country, party.settlement_currency) for party in parties} == {("SE", "SEK")}
    (location,) = cast.cpos[0].config("2022-01-01T00:00:00Z")["locations"]
    assert [evse["tariff_id"] for evse in location["evses"]] == ["T"] * 3


def test_a_tariff_speaks_for_its_own_party(tmp_path: Path) -> None:
    cast = cast_of(published(tmp_path, country_code="NL", party_id="ABC"), "CH", ZONE, plugs=1)
    assert (cast.cpos[0].country_code, cast.cpos[0].party_code) == ("NL", "ABC")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "AUD"}, "currency"),  # no account of the simulated provider takes it
        ({"elements": []}, "elements"),
        ({"id": None}, "id"),
    ],
)
def test_a_tariff_that_cannot_be_used_is_refused_before_anything_starts(
    tmp_path: Path, members: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        published(tmp_path, **members)
    assert refused.value.field == field


@pytest.mark.parametrize("content", ["[1]", "no JSON", ""])
def test_a_file_that_holds_no_object_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "tariff.json"
    file.write_text(content)
    with pytest.raises(Invalid):
        read_published(file, ZONE)


def test_a_country_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Switzerland"):
        cast_of(published(tmp_path), "Switzerland", ZONE, plugs=1)
