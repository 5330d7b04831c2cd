"""What came of pricing many CDRs again? Counts and exact sums, that add up over the processes."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from heapq import nlargest

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.compare import Verdict

_ZERO = Decimal(0)
_SHOWN = 10


@dataclass(slots=True)
class Sums:
    """Excl. VAT, in one currency."""

    cdrs: int = 0
    claimed: Decimal = _ZERO
    priced: Decimal = _ZERO

    def add(self, cdrs: int, claimed: Decimal, priced: Decimal) -> None:
        self.cdrs += cdrs
        self.claimed += claimed
        self.priced += priced


@dataclass(frozen=True, slots=True)
class Difference:
    """A CDR whose claim is not its price; amounts excl. VAT."""

    place: str
    cdr_id: str
    currency: str
    verdict: Verdict
    claimed: Decimal
    priced: Decimal
    reason: str

    @property
    def size(self) -> Decimal:
        return abs(self.claimed - self.priced)


@dataclass(slots=True)
class Outcome:
    """`refusals` are the first, with place and reason; `refused` counts all of them by code."""

    bytes: int = 0
    sums: dict[tuple[str, Verdict], Sums] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def cdrs(self) -> int:
        return sum(one.cdrs for one in self.sums.values()) + self.refused.total()

    @property
    def in_order(self) -> bool:
        return not self.refused and all(v is not Verdict.OVERCHARGED for _, v in self.sums)

    def refuse(self, code: str, place: str, reason: str) -> None:
        self.refused[code] += 1
        if len(self.refusals) < _SHOWN:
            self.refusals.append(f"{place}: {reason} ({code})")

    def add(self, other: "Outcome") -> None:
        """Of the differences the greatest stay, of the refusals the first."""
        self.bytes += other.bytes
        self.warnings += other.warnings
        self.refused += other.refused
        self.refusals = [*self.refusals, *other.refusals][:_SHOWN]
        with localcontext(EXACT):
            for key, sums in other.sums.items():
                self.sums.setdefault(key, Sums()).add(sums.cdrs, sums.claimed, sums.priced)
            both = (*self.differences, *other.differences)
            self.differences = nlargest(_SHOWN, both, key=lambda one: one.size)
