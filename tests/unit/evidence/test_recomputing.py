"""Does a pack give the same cents again, and is a cent that was sealed wrongly found?"""

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms
from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import instant_text
from chalicelib.domain.evidence.manifest import (
    MANIFEST,
    PACK,
    manifest,
    packed,
    packs,
    part_file,
    problems,
    unpacked,
)
from chalicelib.domain.ids import AgreementId
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.evidence.seal import folder
from sandbox.commands import verify
from sandbox.commands.recompute import differences
from sandbox.memory.world import EUR, PARTNERS, World

Pack = dict[str, bytes]
REBATE = DriverRebate(Bearer.PLATFORM, Decimal("0.05"))
FEES = FeeTerms(EUR, per_kwh=Decimal("0.015"), per_session=Decimal("0.25"), most=Decimal(3))


_TOKEN = {
    "country_code": "DE",
    "party_id": "PLG",
    "uid": "card",
    "type": "APP_USER",
    "contract_id": "DE-PLG-card",
}
_PLACE = {
    "id": "L1",
    "address": "Domplatz 1",
    "city": "Köln",
    "country": "DEU",
    "coordinates": {"latitude": "50.9413", "longitude": "6.9583"},
    "evse_uid": "E1",
    "evse_id": "DE*RHE*E1",
    "connector_id": "1",
    "connector_standard": "IEC_62196_T2_COMBO",
    "connector_format": "CABLE",
    "connector_power_type": "DC",
}
_VOLUMES = [{"type": "ENERGY", "volume": 30}, {"type": "TIME", "volume": 1}]


def _document(world: World, reference: str) -> dict[str, Any]:
    """The CDR of an hour's charge of 30 kWh, as the CPO sends it."""
    began = instant_text(world.ports.clock.now())
    world.ports.clock.forward(hours=1)
    ended = instant_text(world.ports.clock.now())
    return {
        "country_code": "DE",
        "party_id": "RHE",
        "id": "cdr-1",
        "start_date_time": began,
        "end_date_time": ended,
        "session_id": "cs-1",
        "cdr_token": _TOKEN,
        "auth_method": "COMMAND",
        "authorization_reference": reference,
        "cdr_location": _PLACE,
        "currency": "EUR",
        "charging_periods": [{"start_date_time": began, "dimensions": _VOLUMES}],
        "total_cost": {"excl_vat": 14.70, "incl_vat": 17.493},
        "total_energy": 30,
        "total_time": 1,
        "last_updated": ended,
    }


def _pack(world: World) -> Pack:
    session = world.start()
    raw = json.dumps(_document(world, session.authorization_reference)).encode()
    cdr, _ = read_cdr(json.loads(raw, parse_float=Decimal))
    accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json", raw)
    world.settle()
    home = folder(session.id)
    files = world.ports.files.content
    kept = {name.removeprefix(home): c for name, c in files.items() if name.startswith(home)}
    return unpacked(kept)


def _agreed() -> World:
    """A world whose app pays by kWh and session, too, and grants its drivers a rebate."""
    world = World()
    (old,) = agreements_of(world.ports, PARTNERS[PaymentMethod.CARD])
    terms = replace(
        old,
        id=AgreementId("agr_new"),
        since=date(2026, 11, 1),
        replaces=old.id,
        commission_terms=FEES,
        driver_rebate=REBATE,
    )
    make_agreement(world.ports, terms)
    return world


PLAIN, RICH = _pack(World()), _pack(_agreed())


def _forged(pack: Pack, part: str, change: Callable[[Any], None]) -> Pack:
    """The pack of somebody who changes a part and seals all of it anew."""
    listed = json.loads(pack[MANIFEST])
    parts = {one["part"]: pack[one["file"]] for one in listed["parts"]}
    plain = json.loads(parts[part])
    change(plain)
    parts[part] = canonical_bytes(plain)
    files = {part_file(name, content): content for name, content in parts.items()}
    return {**files, MANIFEST: manifest(listed["session"], listed["sealed_at"], parts)}


@pytest.mark.parametrize("pack", [PLAIN, RICH], ids=["plain", "all terms"])
def test_a_pack_alone_gives_every_cent_again(pack: Pack) -> None:
    assert problems(pack) == []
    assert differences(pack) == []


def test_the_lines_of_the_split_say_how_each_sum_came_about() -> None:
    (name,) = (name for name in RICH if name.startswith("split_lines-"))
    lines = json.loads(RICH[name])
    rebate = [one["amount"]["minor"] for one in lines if one["of"] == "rebate" and "amount" in one]
    assert rebate == [87]  # 5 % of 17.49 is 0.8745
    fees = {one["term"]: one["exact"] for one in lines if one["of"] == "commission"}
    assert fees["per kWh"] == "0.450"  # 30 kWh at 0.015
    due = [one["amount"]["minor"] for one in lines if one["of"] == "due"]
    assert sum(due) == 1749 - 87


def _cent(path: str) -> Callable[[Any], None]:
    def change(plain: Any) -> None:
        *way, last = path.split(".")
        for name in way:
            plain = plain[int(name)] if name.isdigit() else plain[name]
        plain[last] += 1

    return change


@pytest.mark.parametrize("pack", [PLAIN, RICH], ids=["plain", "all terms"])
@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("split", "cpo_due.minor"),
        ("split", "platform.minor"),
        ("split", "vat_due.DE.minor"),
        ("split", "legs.0.vat.minor"),
        ("split_lines", "0.amount.minor"),
        ("price", "published.minor"),
        ("price", "gross.minor"),
        ("session", "bill.partner_due.minor"),
        ("journal", "0.postings.1.money.minor"),
    ],
)
def test_one_cent_that_is_sealed_otherwise_is_found_and_named(
    pack: Pack, part: str, path: str
) -> None:
    forged = _forged(pack, part, _cent(path))
    assert problems(forged) == [], "its hashes are right"
    assert differences(forged)[0].startswith(f"{part}.{path}: sealed ")


@pytest.mark.parametrize(
    ("part", "name", "value", "found"),
    [
        ("terms", "commission", "0.09", "terms.agreement: is not what both sides signed"),
        ("reading", "total_energy_kwh", "31", "reading.total_energy_kwh"),
        ("tariff", "currency", "SEK", "session.tariff_hash"),
    ],
)
def test_an_input_that_was_exchanged_is_found(part: str, name: str, value: str, found: str) -> None:
    def change(plain: Any) -> None:
        inner = {"terms": "agreement", "tariff": "tariff"}.get(part)
        (plain[inner] if inner else plain)[name] = value

    assert any(one.startswith(found) for one in differences(_forged(RICH, part, change)))


def test_the_command_computes_again_and_says_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(pack: Pack) -> tuple[int, str]:
        return _said(_written(tmp_path / str(id(pack)), pack), capsys)

    assert said(RICH) == (0, "computed again: every cent is the same")
    status, line = said(_forged(RICH, "split", _cent("cpo_due.minor")))
    assert status == 1
    assert line.startswith("differs: split.cpo_due.minor: sealed ")


def _written(folder_: Path, pack: Pack) -> Path:
    for name, content in pack.items():
        (folder_ / name).parent.mkdir(parents=True, exist_ok=True)
        (folder_ / name).write_bytes(content)
    return folder_


def _said(pack: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = verify.run(Namespace(pack=pack, recompute=True))
    return status, capsys.readouterr().out.splitlines()[-1]


def test_a_pack_as_it_is_kept_is_computed_again_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the bucket it is one file."""
    listed = json.loads(RICH[MANIFEST])
    parts = {one["part"]: RICH[one["file"]] for one in listed["parts"]}
    for forged, status, line in (
        (False, 0, "computed again: every cent is the same"),
        (True, 1, "differs: split.cpo_due.minor: sealed "),
    ):
        if forged:
            split = json.loads(parts["split"])
            _cent("cpo_due.minor")(split)
            parts["split"] = canonical_bytes(split)
        page = manifest(listed["session"], listed["sealed_at"], parts)
        found = _said(_written(tmp_path / str(forged), {PACK: packed(page, parts)}), capsys)
        assert (found[0], found[1][: len(line)]) == (status, line)


def _billed_twice() -> Pack:
    """A bill, its credit CDR, and the bill of the CDR that came in its place."""
    world = World()
    session = world.start()
    first = _document(world, session.authorization_reference)
    taken_back = {"credit": True, "credit_reference_id": "cdr-1"}
    fewer = {
        "total_energy": 20,
        "charging_periods": [
            first["charging_periods"][0] | {"dimensions": [{"type": "ENERGY", "volume": 20}]}
        ],
        "total_cost": {"excl_vat": 9.80, "incl_vat": 11.662},
    }
    cost = {"excl_vat": -14.70, "incl_vat": -17.493}
    credit = first | taken_back | {"id": "credit-1", "total_cost": cost}
    for told in (first, credit, first | fewer | {"id": "cdr-2"}):
        raw = json.dumps(told).encode()
        cdr, _ = read_cdr(json.loads(raw, parse_float=Decimal))
        accept_cdr(world.ports, world.connection, cdr, f"cdr/{cdr.id}.json", raw)
        world.settle()
    home = folder(session.id)
    files = world.ports.files.content
    return {name.removeprefix(home): c for name, c in files.items() if name.startswith(home)}


def test_the_bill_that_replaced_a_credited_one_is_computed_again_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = _billed_twice()
    found = _said(_written(tmp_path / "right", kept), capsys)
    assert found == (0, "computed again: every cent of 2 bills is the same")
    second = {
        f"bill-2/{n}": c
        for n, c in _forged(packs(kept)["bill-2"], "split", _cent("cpo_due.minor")).items()
    }
    first = {name: content for name, content in kept.items() if "/" not in name}
    status, line = _said(_written(tmp_path / "wrong", first | second), capsys)
    assert status == 1
    assert line.startswith("differs: bill-2/split.cpo_due.minor: sealed ")


def test_a_bill_that_cannot_be_computed_again_is_not_called_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = {name: content for name, content in RICH.items() if not name.startswith("split-")}
    status, line = _said(_written(tmp_path, lost), capsys)
    assert status == 1
    assert line.startswith("differs: the bill cannot be computed again: ")
