"""Does every reason that is named give the claim, and is the reason found that made it?"""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.codec import to_plain
from chalicelib.domain.tariff.claim.parts import Match, costs_of
from chalicelib.domain.tariff.claim.reason import Explains
from chalicelib.domain.tariff.claim.report import report
from chalicelib.domain.tariff.claim.trial import ReasonCode
from chalicelib.domain.tariff.compare import Verdict
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Cost, Costs, Part, Usage
from tests.properties.tariff_strategies import ZONES, decimals, tariffs, usages

CENT = Decimal("0.01")


def _rounded(costs: Costs) -> Costs:
    return {
        part: Cost(
            round(cost.excl_vat, 2), None if cost.incl_vat is None else round(cost.incl_vat, 2)
        )
        for part, cost in costs.items()
    }


@given(tariffs(), ZONES, usages())
def test_what_is_claimed_as_computed_agrees_in_every_part(
    tariff: Tariff, zone: str, usage: Usage
) -> None:
    prepared = prepare(tariff, zone)
    claimed = _rounded(costs_of(price(prepared, usage)))
    found = report([prepared], usage, claimed, (tariff,), (), CENT)
    assert found.reasons == ()
    assert found.in_cdr_is_published
    assert {check.match for check in found.published.parts} <= {Match.EQUAL, Match.WITHIN_TOLERANCE}


@given(tariffs(), tariffs(), ZONES, usages())
def test_a_price_by_another_version_in_the_cdr_is_recognised(
    tariff: Tariff, other: Tariff, zone: str, usage: Usage
) -> None:
    prepared = prepare(tariff, zone)
    claimed = _rounded(costs_of(price(prepare(other, zone), usage)))
    found = report([prepared], usage, claimed, (other,), (), CENT)
    assert found.in_cdr is not None
    assert found.in_cdr.comparison is not None
    assert found.in_cdr.comparison.verdict is Verdict.AGREES
    assert found.published.comparison is not None
    assume(found.published.comparison.verdict is not Verdict.AGREES)
    first = found.reasons[0]
    assert first.explains in {Explains.ALL, Explains.TOTAL}
    assert ReasonCode.OTHER_VERSION in {reason.code for reason in found.reasons}


@given(tariffs(), ZONES, usages(), decimals(200, 2), st.sampled_from([Decimal("1.19"), None]))
def test_any_claim_has_an_answer_and_each_reason_gives_it(
    tariff: Tariff, zone: str, usage: Usage, total: Decimal, factor: Decimal | None
) -> None:
    claimed = {Part.TOTAL: Cost(total, None if factor is None else round(total * factor, 2))}
    found = report([prepare(tariff, zone)], usage, claimed, (), (), CENT)
    for reason in found.reasons:
        if reason.explains is not Explains.NOTHING:
            assert abs(reason.computed[Part.TOTAL].excl_vat - total) <= CENT / 2
    assert to_plain(found)["published"]["parts"]
