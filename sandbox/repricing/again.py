"""What does a CDR's JSON text come to by its tariffs, and does it ask for that?"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import cache
from typing import Any, NamedTuple

from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.domain.money import EXACT, CurrenciesDiffer, Currency, Money
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.compare import Verdict, compare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.lenient.plain import Claim, plain_claim, plain_usage
from sandbox import documents
from sandbox.repricing.book import Book
from sandbox.repricing.outcome import Difference, Outcome, Sums
from sandbox.repricing.stream import Found


class CreditCdr(Rejected):
    code = "credit_cdr"

    def __init__(self, of: str) -> None:
        super().__init__(f"takes back {of or 'another CDR'}, and is priced with that one")


class Priced(NamedTuple):
    """A CDR as it was sent, read as a whole only if it had to be; `currency` is its tariff's."""

    members: dict[str, Any]
    cdr: ReceivedCdr | None
    price: Price
    currency: Currency


def total_of(text: str, book: Book, ocpi: str = "") -> Priced:
    """From a CDR's JSON text to its exact price. Raises Rejected."""
    members = parse_object(text)
    usage = plain_usage(members) if not ocpi or ocpi == "2.2.1" else None
    cdr = None
    if usage is None:
        cdr, _, _ = documents.read_cdr(members, ocpi)
        if cdr.credit:
            raise CreditCdr(cdr.credit_reference_id)
        usage = Usage(cdr.start, cdr.end, cdr.periods)
    tariffs = book.tariffs_for(usage, members, ocpi)
    for one in tariffs.values():
        currency = one.tariff.currency
        if len(tariffs) == 1:  # mostly, and it is quicker
            return Priced(members, cdr, price(one, usage), currency)
        return Priced(members, cdr, price_session(tariffs, usage), currency)
    raise Invalid("charging_periods.0.tariff_id", "no period names a tariff that is known")


def again(found: Sequence[Found], book: Book, ocpi: str = "") -> Outcome:
    """Each CDR priced and compared; those that differ are all in `differences`."""
    outcome = Outcome(bytes=sum(one.bytes for one in found))
    with localcontext(EXACT):
        for one in found:
            if one.refused:
                outcome.refuse("malformed_json", one.place, one.refused)
                continue
            try:
                _judge(one.place, total_of(one.text, book, ocpi), ocpi, outcome)
            except Rejected as error:
                outcome.refuse(error.code, one.place, str(error))
    return outcome


def _judge(place: str, priced: Priced, ocpi: str, outcome: Outcome) -> None:
    id_, currency, cost = _claim(priced, ocpi)
    if currency != priced.currency:
        raise CurrenciesDiffer(currency, priced.currency)
    found = compare(priced.price, cost, _minor(currency))
    computed = priced.price.excl_vat
    sums = outcome.sums.setdefault((currency, found.verdict), Sums())
    sums.add(1, cost.excl_vat, computed)
    for warning in priced.price.warnings:
        outcome.warnings[warning.code] += 1
    if found.verdict is not Verdict.AGREES:
        outcome.differences.append(
            Difference(place, id_, currency, found.verdict, cost.excl_vat, computed, found.reason)
        )


def _claim(priced: Priced, ocpi: str) -> Claim:
    """Raises Invalid."""
    plain = plain_claim(priced.members) if priced.cdr is None else None
    if plain is not None:
        return plain
    cdr = priced.cdr or documents.read_cdr(priced.members, ocpi)[0]
    return Claim(cdr.id, cdr.currency, cdr.total_cost)


@cache
def _minor(currency: Currency) -> Decimal:
    return Money(1, currency).exact
