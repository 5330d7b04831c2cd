"""Does a credit CDR take back exactly the CDR that it names?

Source: OCPI 2.2.1 mod_cdrs 10.2.1.3: all data of the original again, another id, and only
`total_cost` negated. Many negate the parts too; that is told, and takes nothing else back.
"""

from dataclasses import dataclass, fields
from decimal import Decimal, localcontext

from chalicelib.domain.money import EXACT
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.claim.parts import Match, Tolerance, Whose, differences
from chalicelib.domain.tariff.usage import Cost, Part

_ITS_OWN = frozenset(
    {"id", "credit", "credit_reference_id", "last_updated", "raw_hash", "total_cost"}
)


@dataclass(frozen=True, slots=True)
class CreditCheck:
    """`missing`: what the credit leaves of the original's total, excl. and incl. VAT.

    `differing` names members that are not the original's; `negated` those that need not be
    negative and are.
    """

    match: Match
    tolerance: Tolerance | None
    missing_excl: Decimal
    missing_incl: Decimal | None
    differing: tuple[str, ...]
    negated: tuple[str, ...]

    @property
    def text(self) -> str:
        if self.differing:
            return f"it is not the original's in {', '.join(self.differing)}"
        if self.match is Match.DIFFERS:
            left = self.missing_excl if not self.missing_incl else self.missing_incl
            return f"it leaves {left.normalize():f} of the original's total"
        return "it takes back the whole original"


def check_credit(original: ReceivedCdr, credit: ReceivedCdr, minor: Decimal) -> CreditCheck:
    """`minor` is the currency's smallest unit: within it the totals take each other back."""
    assert credit.credit, "asked only of a credit CDR"
    with localcontext(EXACT):
        excl, incl = differences(_negative(credit.total_cost), original.total_cost)
        most = max(abs(one) for one in (excl, incl) if one is not None)
        differing, negated = _members(original, credit)
        if credit.credit_reference_id != original.id:
            differing = ("credit_reference_id", *differing)
    tolerance = None
    match = Match.EQUAL if most == 0 and not differing else Match.DIFFERS
    if 0 < most <= minor and not differing:
        match = Match.WITHIN_TOLERANCE
        tolerance = Tolerance("one_minor_unit_is_agreement", Whose.CHANNEL, minor)
    return CreditCheck(match, tolerance, excl, incl, differing, negated)


def _members(original: ReceivedCdr, credit: ReceivedCdr) -> tuple[tuple[str, ...], tuple[str, ...]]:
    differing, negated = list[str](), list[str]()
    parts = {part.value for part in Part}
    for field in fields(ReceivedCdr):
        name = field.name
        was, now = getattr(original, name), getattr(credit, name)
        if name in _ITS_OWN or was == now:
            continue
        if name in parts and was is not None and now is not None and _negative(now) == was:
            negated.append(name)
        else:
            differing.append(name)
    return tuple(differing), tuple(negated)


def _negative(cost: Cost) -> Cost:
    return Cost(-cost.excl_vat, None if cost.incl_vat is None else -cost.incl_vat)
