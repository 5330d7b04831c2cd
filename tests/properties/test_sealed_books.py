"""Is what a window's files say what was booked, and is a changed file noticed?"""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ids import EntryId, PartyId, WindowId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import Balances, balances
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.line_file import Group, group_of, rows_of
from chalicelib.domain.settlement.netting import Line, lines_of, net
from chalicelib.domain.settlement.packed import (
    SealedFileBroken,
    add_sums,
    books_of,
    entries_of,
    in_order,
    pack,
)
from chalicelib.usecases.window import lines as window_lines
from chalicelib.usecases.window.lines import gather, lines_in_file, seal_lines
from chalicelib.usecases.window.sealed import entries_in, seal_entries
from sandbox.memory.ports import MemoryPorts

WINDOW = WindowId("2026-11-16.Europe-Berlin")
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
EUR = Currency("EUR")
accounts = st.builds(
    Account,
    st.sampled_from([Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.VAT, Purpose.PLATFORM]),
    st.sampled_from(["a", "b"]),
)
money = st.builds(
    Money, st.integers(-(10**9), 10**9), st.sampled_from([EUR, Currency("HUF"), Currency("BHD")])
)
owners = st.sampled_from(["session#ses_", "payout#pay_", "debt#debt_", "receipt#"])
sets_of_postings = st.lists(
    st.tuples(owners, st.lists(st.tuples(accounts, money), max_size=5)), min_size=1, max_size=12
)
lines_of_payees = st.lists(
    st.builds(
        Line,
        st.sampled_from([PartyId("cpo_a"), PartyId("par_b")]),
        st.sampled_from([PartyKind.CPO, PartyKind.PARTNER]),
        st.text(max_size=4),
        st.text(max_size=4).map(EntryId),
        st.sampled_from(["sale", "refund"]),
        st.integers(-(10**9), 10**9),
        st.sampled_from([EUR, Currency("CHF")]),
        st.sampled_from(["", "agr_1"]),
    ),
    max_size=20,
)


def _booked(sets: list[tuple[str, list[tuple[Account, Money]]]]) -> list[Entry]:
    return in_order(
        entry(
            f"{owner}{number}",
            "sale",
            Event.SALE,
            AT,
            [*pairs, *((Account(Purpose.HELD, "x"), -amount) for _, amount in pairs)],
            cdr=f"É\t{number}",
        )
        for number, (owner, pairs) in enumerate(sets)
    )


@given(sets_of_postings)
def test_an_entry_comes_back_from_its_file_with_the_same_hash(
    sets: list[tuple[str, list[tuple[Account, Money]]]],
) -> None:
    entries = _booked(sets)
    read = list(entries_of(pack(entries)))
    assert [each.hash for each in read] == [each.hash for each in entries]


@given(sets_of_postings, st.sets(st.integers(0, 11)))
def test_the_columns_say_what_the_entries_say(
    sets: list[tuple[str, list[tuple[Account, Money]]]], numbers: set[int]
) -> None:
    entries = _booked(sets)
    books = books_of(pack(entries))
    book: Balances = {}
    add_sums(book, books, books.sums())
    assert book == balances(entries)
    held = {each.id for number, each in enumerate(entries) if number in numbers}
    clean = [line for each in entries if each.id not in held for line in lines_of(each)]
    owed = [Money(minor, code) for code, minor in books.owed(books.sums(), held).items()]
    assert net(owed) == net(line.money for line in clean)


@given(lines_of_payees)
def test_lines_come_back_from_their_rows(lines: list[Line]) -> None:
    groups = [group_of(row) for row in rows_of(lines)]
    assert sorted(line for group in groups for line in _group(group).lines()) == sorted(lines)
    parts = [_group(group).part.money for group in groups]
    assert net(parts) == net(line.money for line in lines)


def _group(found: Group | str) -> Group:
    assert isinstance(found, Group)
    return found


def _line(number: int, party: str = "cpo_a") -> Line:
    id_ = EntryId(f"ent_{number}")
    return Line(PartyId(party), PartyKind.CPO, f"ses_{number}", id_, "sale", number, EUR, "agr_1")


def test_a_large_payees_lines_are_put_into_files_and_none_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window_lines, "_HELD_BYTES_MAX", 1000)
    ports = MemoryPorts()
    parts = [[_line(n * 10 + k, f"cpo_{k % 2}") for k in range(10)] for n in range(20)]
    files = [seal_lines(ports, WINDOW, rows_of(part)) for part in parts]
    found = gather(ports, WINDOW, files)
    for party, payee in found.items():
        own = sorted(line for part in parts for line in part if line.party_id == party[0])
        name = seal_lines(ports, WINDOW, payee.rows)
        assert lines_in_file(ports, name) == own
        assert [part.money for part in payee.parts] == list(net(line.money for line in own))
        assert payee.sessions == len(own)
        assert b'"more"' in b"".join(payee.rows)


def _sale(number: int) -> Entry:
    pairs = [
        (Account(Purpose.CPO_PAYABLE, "a"), Money(-5, EUR)),
        (Account(Purpose.VAT), Money(5, EUR)),
    ]
    return entry(f"session#{number}", "sale", Event.SALE, AT, pairs)


def test_a_file_that_was_changed_is_not_read() -> None:
    ports = MemoryPorts()
    name = seal_entries(ports, WINDOW, in_order([_sale(1), _sale(2)]))
    ports.files.content[name] = ports.files.content[name].replace(b"-5", b"-6")
    with pytest.raises(SealedFileBroken, match="not what was sealed"):
        entries_in(ports, name)


def _broken(**changes: object) -> bytes:
    """A file of two sales whose columns were changed."""
    rows = [json.loads(row) for row in pack(in_order([_sale(1), _sale(2)])).split(b"\n")[:3]]
    for row in rows:
        row.update({name: value for name, value in changes.items() if name in row})
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minor": [-5, 5, -5, 6]}, "does not sum to zero"),
        ({"minor": [-5, 6, -6, 5]}, "does not sum to zero"),  # the file sums to zero
        ({"minor": [-5, 5]}, "postings is longer"),
        ({"ids": ["ent_1"]}, "entries is longer"),
        ({"ids": ["ent_1", "ent_1"], "owners": ["session#1", "session#1"]}, "named twice"),
        ({"settling": [0]}, "not what they are"),
    ],
)
def test_a_file_that_does_not_add_up_pays_nobody(changes: dict[str, object], why: str) -> None:
    with pytest.raises(SealedFileBroken, match=why):
        list(entries_of(_broken(**changes)))
