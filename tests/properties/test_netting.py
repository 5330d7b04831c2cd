"""Do nets lose or make money, whatever the lines are?"""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.netting import lines_of, net

AT = datetime(2026, 11, 20, tzinfo=UTC)
PAYABLES = [
    Account(purpose, party)
    for purpose in (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE)
    for party in ("a", "b")
]
amounts = st.builds(
    Money, st.integers(-(10**6), 10**6), st.sampled_from([Currency("EUR"), Currency("HUF")])
)
postings = st.lists(st.tuples(st.sampled_from(PAYABLES), amounts), max_size=6)


def _entry(number: int, pairs: list[tuple[Account, Money]], owner: str) -> Entry:
    against = [(Account(Purpose.HELD, "x", "y"), -money) for _, money in pairs]
    return entry(f"{owner}{number}", "sale", Event.SALE, AT, [*pairs, *against])


@given(st.lists(postings, max_size=8))
def test_the_nets_are_the_payable_postings_and_nothing_else(
    all_pairs: list[list[tuple[Account, Money]]],
) -> None:
    entries = [_entry(number, pairs, "session#s") for number, pairs in enumerate(all_pairs)]
    lines = [line for each in entries for line in lines_of(each)]
    owed: Counter[tuple[str, str, str]] = Counter()
    for pairs in all_pairs:
        for account, money in pairs:
            owed[account.purpose.value, account.party, money.currency] -= money.minor
    netted: Counter[tuple[str, str, str]] = Counter()
    for payee in sorted({(line.party_id, line.kind) for line in lines}):
        own = [line.money for line in lines if (line.party_id, line.kind) == payee]
        for money in net(own):
            netted[f"{payee[1].value}_payable", payee[0], money.currency] += money.minor
    assert {k: v for k, v in owed.items() if v} == {k: v for k, v in netted.items() if v}


@given(postings)
def test_a_payouts_own_entries_owe_nothing_anew(pairs: list[tuple[Account, Money]]) -> None:
    assert lines_of(_entry(1, pairs, "payout#p")) == ()
