"""How large is a fee of one session: commission, partner's share, rebate? With every step of it."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.domain.agreement.terms import NOTHING, FeeTerms, Tier
from chalicelib.domain.errors import Rejected
from chalicelib.domain.money import EXACT, Money

_NO_TERMS = FeeTerms()


class FeeCurrencyDiffers(Rejected):
    """Amounts agreed in one currency say nothing about a sale in another."""

    code = "fee_currency_differs"
    how_to_fix = "agree on terms for this CPO in its tariff's currency"

    def __init__(self, agreed: str, sold: str) -> None:
        super().__init__(f"the agreement has amounts in {agreed}, and the tariff is in {sold}")
        self.agreed, self.sold = agreed, sold


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a fee: `exact` = `base` times `rate`, in major units; bounds replace the sum."""

    term: str
    base: str
    rate: str
    exact: Decimal


@dataclass(frozen=True, slots=True)
class Use:
    """What a fee is measured by: this session's energy, and the last counted month's."""

    energy_kwh: Decimal
    volume_kwh: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` is the last step's, rounded once, half up."""

    amount: Money
    steps: tuple[Step, ...]


def fee_of(
    fraction: Decimal, terms: FeeTerms | None, base: Money, use: Use, *, at_most: Money
) -> Fee:
    """The sum of the terms, then the minimum, then the cap; never more than `at_most`.

    The ceiling goes before the minimum: a fee is not larger than what it is taken from.
    Raises FeeCurrencyDiffers.
    """
    agreed = terms or _NO_TERMS
    if agreed.currency not in {None, base.currency}:
        raise FeeCurrencyDiffers(str(agreed.currency), base.currency)
    tier = agreed.tier_at(use.volume_kwh)
    rates = tier or Tier(NOTHING, fraction, agreed.per_kwh, agreed.per_session)
    assert 0 <= rates.fraction <= 1, "a fee's rate is a fraction"
    with localcontext(EXACT):
        steps = _parts(rates, base, use, since=tier)
        exact = sum((step.exact for step in steps), NOTHING)
        if agreed.least is not None and exact < agreed.least:
            exact = agreed.least
            steps.append(Step("minimum", "1 session", _text(agreed.least), exact))
        if agreed.most is not None and exact > agreed.most:
            exact = agreed.most
            steps.append(Step("cap", "1 session", _text(agreed.most), exact))
        amount = Money.rounded(exact, base.currency)
    if amount > at_most:
        amount = at_most
        steps.append(Step("not more than it is taken from", str(at_most), "1", at_most.exact))
    return Fee(amount, tuple(steps))


def _parts(rates: Tier, base: Money, use: Use, since: Tier | None) -> list[Step]:
    tier = f" from {_text(since.from_kwh)} kWh a month" if since else ""
    parts = [Step(f"fraction{tier}", str(base), _text(rates.fraction), base.exact * rates.fraction)]
    if rates.per_kwh:
        kwh = f"{_text(use.energy_kwh)} kWh"
        exact = use.energy_kwh * rates.per_kwh
        parts.append(Step(f"per kWh{tier}", kwh, _text(rates.per_kwh), exact))
    if rates.per_session:
        exact = rates.per_session
        parts.append(Step(f"per session{tier}", "1 session", _text(exact), exact))
    return parts


def _text(number: Decimal) -> str:
    return format(number, "f")
