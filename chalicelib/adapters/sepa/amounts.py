"""How are amounts, days and text said in ISO 20022?"""

import re
from datetime import date, datetime
from decimal import Decimal
from unicodedata import normalize

from chalicelib.adapters.sepa.document import Element
from chalicelib.domain.money import Money, currency, exponent
from chalicelib.ports.bank import NoBankFile

# What every bank of the SEPA schemes takes (EPC217-08); the rest is told by its nearest letters.
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")  # ISO 20022: unsigned, 18 digits, 5 decimals
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "&": "+"}
    | {"æ": "ae", "ø": "oe", "å": "a", "Æ": "Ae", "Ø": "Oe", "Å": "A", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "_": "-", "\u2013": "-", "\u2014": "-"}
)


def amount_text(money: Money) -> str:
    return f"{money.exact:.{exponent(money.currency)}f}"


def amount(element: Element | None, *, debit: bool = False) -> Money:
    """An amount with its currency; more decimals than the currency has are no amount."""
    if element is None:
        raise NoBankFile("an amount is missing")
    code, text = currency(element.attributes.get("Ccy", "")), element.text.strip()
    if not _AMOUNT.fullmatch(text):
        raise NoBankFile("an amount is none")
    scaled = Decimal(text).scaleb(exponent(code))
    if scaled != scaled.to_integral_value():
        raise NoBankFile("an amount has more decimals than its currency")
    return Money(-int(scaled) if debit else int(scaled), code)


def day(element: Element | None) -> date | None:
    """A choice of date (`Dt`) and instant (`DtTm`); an instant counts by its own zone's day."""
    text = "" if element is None else element.said("Dt", "DtTm")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise NoBankFile("a date is none") from error


def latin(text: str, longest: int) -> str:
    """The text in the scheme's letters; never empty, never with a slash that is a code word's."""
    plain = normalize("NFKD", normalize("NFC", text).translate(_LETTERS))
    kept = "".join(char for char in plain if char in _LATIN).replace("//", "/")
    return " ".join(kept.split()).strip("/")[:longest].strip() or "-"
