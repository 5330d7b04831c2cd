"""When a payee owes us, what is set off, and against what?

Only within one legal entity (the payee and its role), one agreement and one currency; the oldest
debt first. What is left is carried forward, and invoiced when it is thirty days old.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.ids import EntryId, PartyId, PayoutId, WindowId, external_id
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind

INVOICE_AFTER = timedelta(days=30)  # since the cut-off of the window that left it
CONVERTED = "converted"  # stands for the agreements of a sum that was exchanged: no debt has it
_Group = tuple[str, Currency]


@dataclass(frozen=True, slots=True)
class Part:
    """A sum under one agreement ("" where an entry names none)."""

    agreement: str
    money: Money

    @property
    def group(self) -> _Group:
        return self.agreement, self.money.currency


class DebtStage(StrEnum):
    OPEN = "open"
    SET_OFF = "set_off"  # later windows kept all of it
    INVOICED = "invoiced"  # no longer set off: the books have it as a receivable
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Debt:
    """What one window left a payee owing. `parts` are what is still open, each above zero."""

    id: str
    payout: PayoutId  # its statement shows how the debt arose
    window: WindowId
    party_id: PartyId
    kind: PartyKind
    since: datetime
    parts: tuple[Part, ...]
    stage: DebtStage = DebtStage.OPEN
    set_off: tuple[PayoutId, ...] = ()  # the payouts that kept some of it
    claim: str = ""  # the claim's file
    invoiced_at: datetime | None = None
    entry_id: EntryId | None = None
    paid: tuple[str, ...] = ()  # references of what was paid on the claim

    @property
    def owner(self) -> str:
        return f"debt#{self.id}"


@dataclass(frozen=True, slots=True)
class SetOff:
    """`parts` are paid out, `left` is newly owed by the payee, `kept` was set off; all above zero.

    `debts` are those that changed, as they are now.
    """

    parts: tuple[Part, ...]
    left: tuple[Part, ...]
    kept: tuple[Part, ...]
    debts: tuple[Debt, ...]


def debt_id(payout: PayoutId) -> str:
    """One debt a payout: the same cause has the same id for ever."""
    return external_id("debt", payout)


def set_off(sums: Iterable[Part], debts: Sequence[Debt], payout: PayoutId) -> SetOff:
    """What is paid of signed sums once the payee's open debts are kept, the oldest first."""
    owed: defaultdict[_Group, int] = defaultdict(int)
    for part in sums:
        owed[part.group] += part.money.minor
    left = _parts({group: -minor for group, minor in owed.items() if minor < 0})
    rest = {group: minor for group, minor in owed.items() if minor > 0}
    kept: defaultdict[_Group, int] = defaultdict(int)
    changed = list[Debt]()
    for debt in sorted(debts, key=lambda each: (each.since, each.id)):
        after = list[Part]()
        for part in debt.parts:
            taken = min(part.money.minor, rest.get(part.group, 0))
            kept[part.group] += taken
            rest[part.group] = rest.get(part.group, 0) - taken
            after.append(replace(part, money=Money(part.money.minor - taken, part.money.currency)))
        open_ = tuple(part for part in after if part.money.minor)
        if open_ != debt.parts:
            stage = DebtStage.OPEN if open_ else DebtStage.SET_OFF
            changed.append(replace(debt, parts=open_, stage=stage, set_off=(*debt.set_off, payout)))
    return SetOff(_parts(rest), left, _parts(kept), tuple(changed))


def _parts(sums: dict[_Group, int]) -> tuple[Part, ...]:
    return tuple(
        Part(agreement, Money(minor, code))
        for (agreement, code), minor in sorted(sums.items())
        if minor
    )
