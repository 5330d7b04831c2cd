"""How does an accountant's own tool read the journal? As beancount text, which `bean-check` proves.

An entry is a transaction on its UTC day; its instant, id, hash and references are metadata. Every
account is asserted to the cent on the day after the last entry, and every conversion's rate is a
price. The text is made of the journal alone: the same entries make the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from chalicelib.domain.canonical import content_hash
from chalicelib.domain.codec import instant_text
from chalicelib.domain.ledger.account import CLASS_OF, Account
from chalicelib.domain.ledger.book import balances
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Money, exponent

_UNFIT = re.compile(r"[^A-Za-z0-9]+")
_SUFFIX = 8  # hexadecimal digits that tell accounts of the same reading apart
_PAIR = 2  # a debt so small that it is nothing in the other currency has one only
_RATE = ("rate", "rate_day", "rate_source")


def beancount_text(entries: Iterable[Entry], title: str = "Plugrail") -> str:
    """The whole journal as one file; an empty journal is a file without directives."""
    journal = sorted(entries, key=lambda entry: (entry.at, entry.id))
    return "\n".join(_lines(journal, title)) + "\n"


def account_names(accounts: Iterable[Account]) -> dict[Account, str]:
    """`Liabilities:CpoPayable:Cpo-nord`: one name an account, whatever characters ids have."""
    found: dict[str, list[Account]] = {}
    for account in sorted(set(accounts)):
        found.setdefault(_name(account), []).append(account)
    return {
        account: name if len(alike) == 1 else f"{name}-{content_hash(str(account))[:_SUFFIX]}"
        for name, alike in found.items()
        for account in alike
    }


def _lines(journal: Sequence[Entry], title: str) -> Iterator[str]:
    yield f'option "title" {_quoted(title)}'
    if not journal:
        return
    book = balances(journal)
    names = account_names(book)
    first, last = journal[0].at.date(), journal[-1].at.date()
    codes = sorted({code for amounts in book.values() for code in amounts})
    for code in codes:
        yield f'option "operating_currency" "{code}"'
    for code in codes:
        yield ""
        yield f"{first} commodity {code}"
        yield f"  minor-digits: {exponent(code)}"
    for account, name in sorted(names.items(), key=lambda pair: pair[1]):
        yield ""
        yield f"{first} open {name}"
        yield from _metadata({"account": str(account)})
    yield from dict.fromkeys(_prices(journal))
    for entry in journal:
        yield ""
        yield from _transaction(entry, names)
    yield ""
    for account, amounts in sorted(book.items()):
        for code, minor in sorted(amounts.items()):
            yield _assertion(last + timedelta(days=1), names[account], Money(minor, code))


def _transaction(entry: Entry, names: Mapping[Account, str]) -> Iterator[str]:
    day = entry.at.date()
    yield f"{day} * {_quoted(entry.event.value)} {_quoted(entry.owner)} ^{_link(entry.owner)}"
    yield from _metadata({"at": instant_text(entry.at), "entry": entry.id, "hash": entry.hash})
    yield from _metadata({f"ref-{_UNFIT.sub('-', k)}": v for k, v in sorted(entry.refs.items())})
    for posting in entry.postings:
        yield f"  {names[posting.account]}  {posting.money}"


def _prices(journal: Iterable[Entry]) -> Iterator[str]:
    """`price SEK 0.09 EUR`: units of what was got for one of what was given."""
    for entry in journal:
        codes = list(dict.fromkeys(posting.money.currency for posting in entry.postings))
        rated = entry.event is Event.CONVERSION and all(entry.refs.get(name) for name in _RATE)
        if rated and len(codes) == _PAIR:
            given, got = codes  # the payee's debt shrinks in the first and grows in the other
            day, rate = date.fromisoformat(entry.refs["rate_day"]), entry.refs["rate"]
            source = "\n".join(_metadata({"source": entry.refs["rate_source"]}))
            yield f"\n{day} price {given}  {rate} {got}\n{source}"


def _assertion(day: date, name: str, money: Money) -> str:
    """Beancount forgives a unit of the last digit unless it is told to forgive nothing."""
    number, code = str(money).split()
    return f"{day} balance {name}  {number} ~ 0 {code}"


def _metadata(pairs: Mapping[str, str]) -> Iterator[str]:
    return (f"  {name}: {_quoted(value)}" for name, value in pairs.items() if value)


def _name(account: Account) -> str:
    parts = (account.party, account.jurisdiction)
    purpose = "".join(word.capitalize() for word in account.purpose.value.split("_"))
    named = [_component(part) for part in parts if part]
    return ":".join((CLASS_OF[account.purpose].value, purpose, *named))


def _component(text: str) -> str:
    """Beancount's account names: a capital or a digit first, then letters, digits and dashes."""
    fit = _UNFIT.sub("-", text).strip("-") or "X"
    return fit[0].upper() + fit[1:]


def _link(owner: str) -> str:
    return _UNFIT.sub("-", owner)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
