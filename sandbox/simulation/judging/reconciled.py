"""Does the reconciliation that people read agree with the other judges: is there nothing to find?

A difference that nobody made rings every night, and hides the next one that somebody did.
"""

from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.simulation.judging.found import Found, Lines

_ALONE = frozenset(
    {DifferenceKind.NOT_BOOKED, DifferenceKind.NOT_AT_PROVIDER, DifferenceKind.CASH_NOT_CLOSED}
)
# The float and the first top-up have always been there; an exchange is recorded by people.
_THE_MARKETS = ("stripe/paid_in/txn_", "stripe/paid_in/ent_", "stripe/other/ent_")


def reconciliation_finds_nothing(found: Found) -> Lines:
    """All of the books against all of the provider and the bank, where a schedule opens windows:
    by them the journal is read.
    """
    if not found.history.nights():
        return
    for aged in reconcile_books(found.history.ports, deep=True).differences:
        if not _is_the_markets(aged.difference):
            difference = aged.difference
            yield f"{difference.kind.value} {difference.subject}: {difference.detail}"


def _is_the_markets(difference: Difference) -> bool:
    if difference.kind is DifferenceKind.SECOND_CDR:  # a CPO sent it, and it is named
        return True
    own = difference.subject.startswith(_THE_MARKETS) or difference.subject.count("/") == 1
    return difference.kind in _ALONE and own
