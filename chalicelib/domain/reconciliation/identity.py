"""Is what was billed, by all methods, what everybody is owed for it? Per currency, to the cent.

billed = CPO + partner + platform + net VAT + held - losses

Over the entries in which no money moves: sales, what is held, corrections, losses. A fee, a capture
and a payout change who holds money, never what was billed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.session.session import Session

_MOVED = frozenset({Purpose.CASH, Purpose.CONNECTED})
# A fee may be all that was taken, and a refund of some öre nothing in a balance of euros.
_OF_CASH = frozenset({Event.CASH, Event.REFUND, Event.TOP_UP_REFUND, Event.CHARGEBACK})
METHOD_OF: Mapping[Purpose, str] = {
    Purpose.DRIVER_RECEIVABLE: "card",
    Purpose.PREPAID: "prepaid",
    Purpose.INVOICE_RECEIVABLE: "invoice",
    Purpose.DISPUTED: "charged_back",  # taken off what was billed by card
    Purpose.CLAIM_RECEIVABLE: "claims",  # billed to payees: what they owe us
}
Billed = dict[tuple[str, Currency], int]  # minor units by method and currency


@dataclass(frozen=True, slots=True)
class Identity:
    """Minor units of one currency; owed is positive. `other` is what no rule knows: zero.

    `sold` are the sales alone by method, `documented` the same sum by the sessions' own bills.
    """

    currency: Currency
    billed: Mapping[str, int]
    cpo: int
    partner: int
    platform: int
    vat: Mapping[str, int]
    held: int
    losses: int
    other: int
    sold: Mapping[str, int] = field(default_factory=dict)
    documented: Mapping[str, int] = field(default_factory=dict)

    @property
    def owed(self) -> int:
        vat = sum(self.vat.values())
        return self.cpo + self.partner + self.platform + vat + self.held - self.losses

    @property
    def holds(self) -> bool:
        same = dict(self.sold) == dict(self.documented)
        return same and self.other == 0 and sum(self.billed.values()) == self.owed


def billed_by(sessions: Iterable[Session]) -> Billed:
    """What the sessions' own bills say, by method and currency."""
    sums: defaultdict[tuple[str, Currency], int] = defaultdict(int)
    for session in sessions:
        if session.bill is not None:
            gross = session.bill.gross
            sums[session.payment.method.value, gross.currency] += gross.minor
    return dict(sums)


def identities(entries: Iterable[Entry], documented: Billed) -> tuple[Identity, ...]:
    """One a currency that anything was billed in; `documented` are the bills of the same sales."""
    sums: defaultdict[Currency, defaultdict[Account, int]] = defaultdict(lambda: defaultdict(int))
    sold: defaultdict[tuple[str, Currency], int] = defaultdict(int)
    for entry in entries:
        purposes = {posting.account.purpose for posting in entry.postings}
        if purposes & _MOVED or entry.event in _OF_CASH or entry.owner.startswith("payout#"):
            continue
        for posting in entry.postings:
            account, money = posting.account, posting.money
            sums[money.currency][_general(account)] += money.minor
            if entry.event is Event.SALE and account.purpose in METHOD_OF:
                sold[METHOD_OF[account.purpose], money.currency] += money.minor
    codes = sums.keys() | {code for (_, code), minor in documented.items() if minor}
    return tuple(_identity(code, sums[code], sold, documented) for code in sorted(codes))


def merged(parts: Iterable[Identity]) -> tuple[Identity, ...]:
    """The identities of parts of a window as those of the whole: each sum is a sum of sums."""
    whole: dict[Currency, Identity] = {}
    for part in parts:
        known = whole.get(part.currency)
        whole[part.currency] = part if known is None else _added(known, part)
    return tuple(whole[code] for code in sorted(whole))


def _added(one: Identity, other: Identity) -> Identity:
    def both(name: str) -> dict[str, int]:
        sums = dict(getattr(one, name))
        for key, minor in getattr(other, name).items():
            sums[key] = sums.get(key, 0) + minor
        return dict(sorted(sums.items()))

    return Identity(
        currency=one.currency,
        billed=both("billed"),
        cpo=one.cpo + other.cpo,
        partner=one.partner + other.partner,
        platform=one.platform + other.platform,
        vat=both("vat"),
        held=one.held + other.held,
        losses=one.losses + other.losses,
        other=one.other + other.other,
        sold=both("sold"),
        documented=both("documented"),
    )


def identity_differences(found: Iterable[Identity], scope: str) -> tuple[Difference, ...]:
    """`scope` names the window, or the books as a whole."""
    return tuple(
        Difference(DifferenceKind.BILLED_IS_NOT_DUE, _told(each), f"{scope}/{each.currency}")
        for each in found
        if not each.holds
    )


def _identity(
    code: Currency,
    sums: Mapping[Account, int],
    sold: Mapping[tuple[str, Currency], int],
    bills: Billed,
) -> Identity:
    def owed(purpose: Purpose) -> int:
        return -sum(minor for account, minor in sums.items() if account.purpose is purpose)

    known = {*METHOD_OF, *_OWED}
    return Identity(
        currency=code,
        billed={METHOD_OF[p]: -owed(p) for p in METHOD_OF if owed(p)},
        cpo=owed(Purpose.CPO_PAYABLE),
        partner=owed(Purpose.PARTNER_PAYABLE),
        platform=owed(Purpose.PLATFORM),
        vat={a.jurisdiction: -m for a, m in sorted(sums.items()) if a.purpose is Purpose.VAT and m},
        held=owed(Purpose.HELD),
        losses=-owed(Purpose.LOSS),
        other=-sum(minor for account, minor in sums.items() if account.purpose not in known),
        sold={method: minor for (method, c), minor in sorted(sold.items()) if c == code and minor},
        documented={m: minor for (m, c), minor in sorted(bills.items()) if c == code and minor},
    )


_OWED = frozenset(
    {
        Purpose.CPO_PAYABLE,
        Purpose.PARTNER_PAYABLE,
        Purpose.PLATFORM,
        Purpose.VAT,
        Purpose.HELD,
        Purpose.LOSS,
    }
)


def _general(account: Account) -> Account:
    return Account(account.purpose, jurisdiction=account.jurisdiction)


def _told(identity: Identity) -> str:
    code = identity.currency
    billed, owed = Money(sum(identity.billed.values()), code), Money(identity.owed, code)
    sold, bills = sum(identity.sold.values()), sum(identity.documented.values())
    return (
        f"billed {billed}, owed {owed}, elsewhere {Money(identity.other, code)};"
        f" sold {Money(sold, code)}, by the bills {Money(bills, code)}"
    )
