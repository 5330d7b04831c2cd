"""Does the evidence of a session show both computations, and the claim that a CPO can answer?"""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.evidence.manifest import problems, unpacked
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.compare import billing_differences
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.usage import Cost
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.evidence.seal import folder
from sandbox.memory.world import EUR, World


@pytest.fixture
def world() -> World:
    return World()


def _cost(excl: str) -> Cost:
    return Cost(Decimal(excl), Decimal(excl) * Decimal("1.19"))


def _accepted(world: World, session: Session, cdr: ReceivedCdr) -> Session:
    accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json", b"{}")
    world.settle()
    return world.session(session.id)


def _pack(world: World, session: Session) -> dict[str, bytes]:
    content, home = world.ports.files.content, folder(session.id)
    kept = {name.removeprefix(home): it for name, it in content.items() if name.startswith(home)}
    return unpacked(kept)


def _part(pack: dict[str, bytes], part: str) -> Any:
    names = [name for name in pack if name.startswith(f"{part}-")]
    return json.loads(pack[names[0]]) if names else None


def test_a_cpo_that_rounds_energy_up_to_whole_kwh_is_told_so_line_by_line(world: World) -> None:
    """30.2 kWh at 0.49 by a step of 1 Wh are 14.798; the CPO reads the step as 1 kWh: 15.19."""
    session = world.charge()
    cdr = world.cdr(session, kwh="30.2", excl="15.19")
    session = _accepted(world, session, replace(cdr, total_energy_cost=_cost("15.19")))
    assert session.bill is not None
    assert session.bill.gross == Money(1761, EUR)  # 14.798 + 19 % = 17.60962
    pack = _pack(world, session)
    assert problems(pack) == []
    claim = _part(pack, "claim")
    assert claim["reason"]["code"] == "step_size"
    assert claim["reason"]["how"] == "energy_in_kwh"
    assert claim["reason"]["explains"] == "total_and_every_part"
    assert claim["verdict"] == "overcharged"
    assert claim["amounts"]["excess"] == {"currency": "EUR", "minor": 1808 - 1761}
    assert claim["amounts"]["driver_pays"] == claim["amounts"]["published"]
    assert (claim["subject"]["cdr_id"], claim["subject"]["session_id"]) == (cdr.id, session.id)
    (line,) = claim["computed"]["price"]["lines"]
    assert (line["volume"], line["excl_vat"]) == ("30.2", "14.798")
    assert (line["period"], line["basis"]["dimension"]) == (0, "ENERGY")
    recomputed = claim["reason"]["computed"]["total_energy_cost"]["excl_vat"]
    assert Decimal(recomputed) == Decimal("15.19")
    words = "\n".join(claim["text"])
    assert "step_size of energy was read as kWh; it is in Wh" in words
    assert "30.2 kWh at 0.49 per kWh (element 0) = 14.798" in words
    assert "total_energy_cost: computed 14.798, claimed 15.19, a difference of 0.392" in words


def test_the_tariff_in_the_cdr_is_computed_beside_the_published_one(world: World) -> None:
    session = world.charge()
    (element,) = world.tariff.elements
    (component,) = element.price_components
    dearer = replace(component, price=Decimal("0.59"))
    inside = replace(world.tariff, elements=(replace(element, price_components=(dearer,)),))
    cdr = replace(world.cdr(session, excl="17.70"), tariffs=(inside,))
    session = _accepted(world, session, cdr)
    pack = _pack(world, session)
    compared = _part(pack, "comparison")
    assert compared["in_cdr_is_published"] is False
    assert compared["published"]["price"]["excl_vat"] == "14.70"
    assert compared["published"]["comparison"]["verdict"] == "overcharged"
    other = compared["in_cdr"]
    assert other["price"]["excl_vat"] == "17.70"
    assert other["comparison"]["verdict"] == "agrees"
    claim = _part(pack, "claim")
    assert claim["reason"]["code"] == "other_tariff_version"
    assert claim["reason"]["tariff_hash"] == other["tariffs"][0]["hash"]
    assert "in the CDR is not the published version" in "\n".join(claim["text"])


def test_a_cdr_that_agrees_has_its_comparison_and_no_claim(world: World) -> None:
    session = world.charge()
    session = _accepted(world, session, world.cdr(session))
    pack = _pack(world, session)
    parts = {check["part"]: check for check in _part(pack, "comparison")["published"]["parts"]}
    assert parts["total_cost"]["match"] == "equal"
    assert parts["total_energy_cost"]["match"] == "not_stated"
    assert _part(pack, "claim") is None
    assert _part(pack, "offer")["expected"] == {"currency": "EUR", "minor": 1749}


def test_less_than_the_price_is_explained_and_not_claimed(world: World) -> None:
    session = world.charge()
    session = _accepted(world, session, world.cdr(session, excl="10.00"))
    pack = _pack(world, session)
    compared = _part(pack, "comparison")
    assert compared["published"]["comparison"]["verdict"] == "undercharged"
    assert compared["reasons"]
    assert _part(pack, "claim") is None


def test_a_cdr_kept_before_parts_were_read_is_still_the_same_when_it_comes_again(
    world: World,
) -> None:
    session = world.charge()
    old = replace(world.cdr(session), raw_hash="old")
    _accepted(world, session, old)
    again = replace(old, raw_hash="new", total_energy_cost=_cost("14.70"))
    assert accept_cdr(world.ports, world.connection, again, "cdr/raw.json").repeated


def test_a_verdict_that_is_worded_otherwise_later_makes_no_other_bill(world: World) -> None:
    session = world.charge()
    session = _accepted(world, session, world.cdr(session, excl="20.00"))
    assert session.bill is not None
    assert session.bill.claim is not None
    before = replace(session.bill.claim, verdict="not_verifiable")
    assert billing_differences(replace(session.bill, claim=before), session.bill) == ()
    dearer = replace(before, excess=Money(1, EUR))
    assert billing_differences(replace(session.bill, claim=dearer), session.bill)
