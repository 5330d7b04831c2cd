"""Where do one session's cents go? Every account a row, every entry a column, real numbers.

`python -m sandbox.picture.cents` draws docs/one-session.svg anew, from a session that is charged,
billed, captured and settled in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Money
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import EUR
from sandbox.picture import svg

PICTURE = Path("docs/one-session.svg")
_LEFT, _TOP, _COLUMN, _ROW = 246.0, 132.0, 104.0, 46.0
_CELL_W, _CELL_H, _MARGIN, _FOOT = 78.0, 26.0, 32.0, 62.0
_DEBIT, _CREDIT = "#0d948855", "#f59e0b55"  # a third of the colour: light and dark pages
_ORDER = tuple(Event)
_HAPPENS = {
    Event.SALE: "the CDR is billed",
    Event.CASH: "card captured",
    Event.TRANSFER: "to {party}",
    Event.PAYOUT: "to its bank",
}
_MEANS = {
    Purpose.DRIVER_RECEIVABLE: "drivers owe us",
    Purpose.CASH: "our balance at the provider",
    Purpose.CONNECTED: "the payee's balance there",
    Purpose.CPO_PAYABLE: "we owe the CPO",
    Purpose.PARTNER_PAYABLE: "we owe the partner",
    Purpose.VAT: "we owe the tax office",
    Purpose.PLATFORM: "our commission",
    Purpose.PSP_FEE: "the provider's fee",
}


def one_session() -> list[Entry]:
    """A card session of 30 kWh at 0.49 EUR and 19 % VAT, from sale to payouts, in order."""
    settled = SettledWorld()
    settled.charge()
    settled.settle_day()
    made = [entry for entry in settled.entries() if entry.event in _HAPPENS]
    return sorted(made, key=lambda e: (e.at, _party(e), _ORDER.index(e.event)))


def drawn(entries: Sequence[Entry]) -> str:
    """The picture as SVG text."""
    book = balances(entries)
    accounts = [a for purpose in _MEANS for a in sorted(book) if a.purpose is purpose]
    width = _LEFT + _COLUMN * (len(entries) + 1) + _MARGIN
    height = _TOP + _ROW * len(accounts) + _FOOT
    parts = [
        svg.text(_MARGIN, 36, "One session's cents through every account", "title"),
        svg.text(_MARGIN, 57, _SCENE),
        *_lanes(accounts, width),
    ]
    for number, entry in enumerate(entries):
        parts += _entry(entry, accounts, _LEFT + _COLUMN * number)
    closing = {account: balance(book, account, EUR) for account in accounts}
    parts += _closing(closing, accounts, _LEFT + _COLUMN * len(entries))
    parts.append(svg.text(_MARGIN, height - 20, _FOOTNOTE, "small"))
    return svg.document(width, height, f"One session's cents: {_SCENE}", parts)


_SCENE = (
    "30 kWh at 0.49 EUR and 19 % VAT, paid by card; commission 8 %, half of it the partner's."
    " Amounts in EUR."
)
_FOOTNOTE = (
    "Green is a debit, amber a credit: each column sums to zero, and so does what is left."
    " What is left belongs to us, the provider and the tax office."
)


def _lanes(accounts: Sequence[Account], width: float) -> Iterator[str]:
    for number, account in enumerate(accounts):
        y = _TOP + _ROW * number
        yield svg.line(_MARGIN, y, width - _MARGIN, y, "grid")
        yield svg.text(_MARGIN, y + 20, str(account), "head")
        yield svg.text(_MARGIN, y + 36, _MEANS[account.purpose], "small")


def _entry(entry: Entry, accounts: Sequence[Account], x: float) -> Iterator[str]:
    middle = x + _COLUMN / 2
    yield svg.text(middle, _TOP - 38, entry.event.value, "head", "middle")
    yield svg.text(
        middle, _TOP - 21, _HAPPENS[entry.event].format(party=_party(entry)), "small", "middle"
    )
    rows = sorted(accounts.index(posting.account) for posting in entry.postings)
    ends = (_TOP + _ROW * rows[0] + _ROW / 2, _TOP + _ROW * rows[-1] + _ROW / 2)
    yield svg.line(middle, ends[0], middle, ends[1], "axis")
    for posting in entry.postings:
        yield from _cell(middle, accounts.index(posting.account), posting.money)


def _closing(closing: dict[Account, Money], accounts: Sequence[Account], x: float) -> Iterator[str]:
    middle = x + _COLUMN / 2
    yield svg.text(middle, _TOP - 38, "is left", "head", "middle")
    yield svg.line(x, _TOP - 56, x, _TOP + _ROW * len(accounts), "axis")
    for number, account in enumerate(accounts):
        y = _TOP + _ROW * number + _ROW / 2 + 4
        yield svg.text(middle, y, _amount(closing[account]), "head", "middle")


def _cell(middle: float, row: int, money: Money) -> Iterator[str]:
    y = _TOP + _ROW * row + (_ROW - _CELL_H) / 2
    tint = _DEBIT if money.minor > 0 else _CREDIT
    yield svg.rect(middle - _CELL_W / 2, y, _CELL_W, _CELL_H, "card", radius=6)
    yield svg.rect(middle - _CELL_W / 2, y, _CELL_W, _CELL_H, "", radius=6, fill=tint)
    yield svg.text(middle, y + 17, _amount(money), "head", "middle")


def _amount(money: Money) -> str:
    return f"{money.exact:+.2f}".replace("-", "\u2212") if money.minor else "0.00"


def _party(entry: Entry) -> str:
    """CPOs before partners, both after what has no payee."""
    found: Iterable[str] = (
        posting.account.party
        for posting in entry.postings
        if posting.account.purpose is Purpose.CONNECTED
    )
    return next(iter(found), "")


if __name__ == "__main__":
    PICTURE.write_text(drawn(one_session()))
