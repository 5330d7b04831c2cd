"""Does a credit CDR take back the CDR that it names, and nothing else?"""

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.credit import check_credit
from chalicelib.domain.tariff.claim.parts import Match
from chalicelib.domain.tariff.usage import Cost
from sandbox.memory.world import World

CENT = Decimal("0.01")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def original(world: World) -> ReceivedCdr:
    cdr = world.cdr(world.charge())
    return replace(cdr, total_energy_cost=Cost(Decimal("14.70"), Decimal("17.493")))


def _credit(original: ReceivedCdr, excl: str = "-14.70", incl: str = "-17.493") -> ReceivedCdr:
    return replace(
        original,
        id=f"{original.id}-C",
        credit=True,
        credit_reference_id=original.id,
        total_cost=Cost(Decimal(excl), Decimal(incl)),
    )


def test_the_negated_total_and_all_else_unchanged_takes_the_whole_back(
    original: ReceivedCdr,
) -> None:
    found = check_credit(original, _credit(original), CENT)
    assert (found.match, found.differing, found.negated) == (Match.EQUAL, (), ())
    assert found.missing_excl == 0


def test_a_rounded_total_is_within_our_tolerance(original: ReceivedCdr) -> None:
    found = check_credit(original, _credit(original, incl="-17.49"), CENT)
    assert found.match is Match.WITHIN_TOLERANCE
    assert found.tolerance is not None
    assert found.tolerance.rule == "one_minor_unit_is_agreement"


def test_a_credit_of_a_part_says_what_it_leaves(original: ReceivedCdr) -> None:
    found = check_credit(original, _credit(original, "-10", "-11.90"), CENT)
    assert (found.match, found.missing_excl) == (Match.DIFFERS, Decimal("4.70"))
    assert found.text == "it leaves 5.593 of the original's total"


def test_a_total_that_is_not_negated_leaves_it_twice(original: ReceivedCdr) -> None:
    found = check_credit(original, _credit(original, "14.70", "17.493"), CENT)
    assert (found.match, found.missing_excl) == (Match.DIFFERS, Decimal("29.40"))


def test_parts_that_are_negated_too_are_told_and_do_no_harm(original: ReceivedCdr) -> None:
    credit = _credit(original)
    credit = replace(credit, total_energy_cost=Cost(Decimal("-14.70"), Decimal("-17.493")))
    found = check_credit(original, credit, CENT)
    assert (found.match, found.negated) == (Match.EQUAL, ("total_energy_cost",))


def test_another_volume_or_reference_is_another_session(original: ReceivedCdr) -> None:
    credit = replace(_credit(original), total_energy_kwh=Decimal(29), credit_reference_id="another")
    found = check_credit(original, credit, CENT)
    assert found.match is Match.DIFFERS
    assert found.differing == ("credit_reference_id", "total_energy_kwh")
    assert "total_energy_kwh" in found.text
