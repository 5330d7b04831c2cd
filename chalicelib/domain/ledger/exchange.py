"""How does an exchange on a rail close what conversions opened, and who gains or loses by it?

A conversion at a published rate leaves FX_POSITION open: minus what was owed in one currency, plus
what is paid in the other. The rail's real exchange closes both sides; what is over or missing is a
gain or a loss in its currency, each on its own account.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.errors import Rejected
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ledger.cash import RAIL, cash
from chalicelib.domain.ledger.converted import POSITION, result
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money, total

_APART_PERCENT_MAX = 10  # further from the published rate is a wrong amount, not a bad rate


class ExchangeDiffers(Rejected):
    """What was exchanged has not the size of what it is to close: no gain is booked by mistake."""

    code = "exchange_differs"
    how_to_fix = "name the payouts whose conversions this exchange is for"

    def __init__(self, exchanged: Money, opened: Money) -> None:
        super().__init__(f"{exchanged} was exchanged for an open position of {opened}")
        self.exchanged, self.opened = exchanged, opened


def exchange_entry(
    owner: str,
    given: Money,
    got: Money,
    closes: Sequence[Conversion],
    at: datetime,
    *,
    rail: str = RAIL,
    name: str = "exchange",
    **refs: str,
) -> Entry:
    """The rail took `given` and gave `got`; `closes` are conversions between the same two.

    Raises ExchangeDiffers.
    """
    assert closes, "an exchange closes something"
    owed = total((conversion.given for conversion in closes), given.currency)
    bought = total((conversion.at_rate for conversion in closes), got.currency)
    for exchanged, opened in ((given, owed), (got, bought)):
        apart = abs(exchanged.minor - opened.minor)
        if apart * 100 > abs(opened.minor) * _APART_PERCENT_MAX:
            raise ExchangeDiffers(exchanged, opened)
    postings = (
        (cash(rail), -given),
        (POSITION, owed),
        result(given - owed),
        (cash(rail), got),
        (POSITION, -bought),
        result(bought - got),
    )
    return entry(owner, name, Event.EXCHANGE, at, postings, **refs)
