"""After any row of decisions about a sale: does everything sum to zero, and are the dues right?"""

from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import Burden
from chalicelib.domain.ledger.correction import borne_entry, correction_entry
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.ledger.reversal import reversal_entry
from chalicelib.domain.money import Currency, Money

_AT = datetime(2026, 11, 20, tzinfo=UTC)
_EUR = Currency("EUR")
_DRIVER = Account(Purpose.DRIVER_RECEIVABLE, "par_app")
_CPO = Account(Purpose.CPO_PAYABLE, "cpo_nord")


@st.composite
def _sales(draw: st.DrawFn) -> Entry:
    """The CPO has the most of it; VAT may be owed to us."""
    small = st.integers(0, 5_000)
    partner, platform = draw(small), draw(small)
    vat = draw(st.integers(-2_000, 2_000))
    cpo = partner + platform + abs(vat) + draw(st.integers(1, 100_000))
    legs = {
        _CPO: cpo,
        Account(Purpose.PARTNER_PAYABLE, "par_app"): partner,
        Account(Purpose.PLATFORM): platform,
        Account(Purpose.VAT, jurisdiction="DE"): vat,
    }
    postings = [(account, Money(-minor, _EUR)) for account, minor in legs.items()]
    postings.append((_DRIVER, Money(sum(legs.values()), _EUR)))
    return entry("session#ses_1", "sale", Event.SALE, _AT, postings)


def _gross(sale: Entry) -> int:
    return next(p.money.minor for p in sale.postings if p.account == _DRIVER)


def _balances(*entries: Entry) -> dict[Account, int]:
    sums: defaultdict[Account, int] = defaultdict(int)
    for each in entries:
        assert sum(posting.money.minor for posting in each.postings) == 0
        for posting in each.postings:
            sums[posting.account] += posting.money.minor
    return {account: minor for account, minor in sums.items() if minor}


@given(_sales(), st.data())
def test_the_dues_are_the_sales_in_proportion_however_it_was_corrected(
    sale: Entry, data: st.DataObject
) -> None:
    """Each due is the corrected bill's to half a cent; the largest takes what is left."""
    gross, undone, entries = _gross(sale), 0, [sale]
    while undone < gross and data.draw(st.booleans()):
        part = data.draw(st.integers(1, gross - undone))
        entries.append(
            correction_entry(
                sale,
                Money(undone, _EUR),
                Money(part, _EUR),
                _AT,
                name=f"correction:{len(entries)}",
                dispute="dsp_1",
            )
        )
        undone += part
    sums = _balances(*entries)
    assert sums.get(_DRIVER, 0) == gross - undone
    for posting in sale.postings:
        if posting.account in {_DRIVER, _CPO}:
            continue
        fair = Fraction(posting.money.minor * (gross - undone), gross)
        assert abs(sums.get(posting.account, 0) - fair) <= Fraction(1, 2)


@given(_sales(), st.data())
def test_what_is_undone_bit_by_bit_leaves_nothing_like_a_reversal(
    sale: Entry, data: st.DataObject
) -> None:
    gross, undone, entries = _gross(sale), 0, [sale]
    while undone < gross:
        part = data.draw(st.integers(min(gross - undone, 1 + gross // 5), gross - undone))
        before, money = Money(undone, _EUR), Money(part, _EUR)
        name = f"correction:{len(entries)}"
        entries.append(correction_entry(sale, before, money, _AT, name=name, dispute="dsp_1"))
        undone += part
    assert _balances(*entries) == {}
    assert _balances(sale, reversal_entry(sale, _AT, dispute="dsp_1")) == {}


@given(_sales(), st.sampled_from(Bearer), st.data())
def test_what_somebody_bears_leaves_the_sale_as_it_was(
    sale: Entry, bearer: Bearer, data: st.DataObject
) -> None:
    money = Money(data.draw(st.integers(1, _gross(sale))), _EUR)
    burden = Burden(bearer, PartyId("somebody"))
    borne = borne_entry(sale, burden, "dispute_other", money, _AT, name="c", dispute="dsp_1")
    assert len(borne.postings) == 2
    touched = {posting.account for posting in borne.postings}
    assert {p for p in _balances(sale, borne).items() if p[0] not in touched} == {
        p for p in _balances(sale).items() if p[0] not in touched
    }
    assert _balances(sale, borne).get(_DRIVER, 0) == _gross(sale) - money.minor
