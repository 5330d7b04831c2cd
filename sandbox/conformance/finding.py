"""What was found of a CPO's endpoint: one outcome a check, with the place in the specification."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    PASSED = "passed"
    MENDED = "mended"  # we read it all the same; others may not
    FAILED = "failed"
    SKIPPED = "not tried"  # what it needs is not there, or was not asked for


# The better one first: of several objects, the worst counts for the check.
_ORDER = list(Outcome)
_EXAMPLES = 5


@dataclass
class Check:
    """`section` is where the specification says so; `hint` what the CPO does about it."""

    name: str
    section: str
    outcome: Outcome = Outcome.PASSED
    details: list[str] = field(default_factory=list)
    hint: str = ""
    count: int = 0  # of the details, shown or not

    def found(self, outcome: Outcome, detail: str) -> None:
        """Something that makes the check no better than this; a few examples are kept."""
        if Outcome.SKIPPED in (outcome, self.outcome):
            self.outcome = outcome
        else:
            self.outcome = max(self.outcome, outcome, key=_ORDER.index)
        self.count += 1
        if len(self.details) < _EXAMPLES and detail not in self.details:
            self.details.append(detail)

    def fails(self, detail: str) -> None:
        self.found(Outcome.FAILED, detail)

    def is_mended(self, detail: str) -> None:
        self.found(Outcome.MENDED, detail)

    def skips(self, detail: str) -> None:
        self.found(Outcome.SKIPPED, detail)


@dataclass
class Report:
    """Everything that was checked, in the order in which it was tried."""

    url: str
    version: str = ""
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, section: str, hint: str = "") -> Check:
        new = Check(name, section, hint=hint)
        self.checks.append(new)
        return new

    @property
    def failed(self) -> list[Check]:
        return [one for one in self.checks if one.outcome is Outcome.FAILED]
