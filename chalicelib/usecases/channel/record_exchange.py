"""How does staff book that the channel exchanged cash on a rail? Once, and each conversion once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ids import EntryId, PayoutId, WindowId
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.exchange import exchange_entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.records import create, find, load

_PAYOUTS_MAX = 90  # a transaction of the table has 100 items


class ExchangeRecorded(Conflict):
    code = "exchange_recorded"

    def __init__(self, reference: str) -> None:
        super().__init__(f"exchange {reference} is recorded with other amounts or payouts")
        self.reference = reference


class AlreadyExchanged(Conflict):
    """Another exchange closed this conversion: closing it again would book its result twice."""

    code = "already_exchanged"

    def __init__(self, payout_id: str, reference: str) -> None:
        super().__init__(f"the conversion of {payout_id} was closed by {reference}")
        self.payout_id, self.reference = payout_id, reference


@dataclass(frozen=True, slots=True)
class Exchange:
    """The owner of the entry: what the rail took and gave, and whose conversions that closed."""

    reference: str
    rail: str
    given: Money
    got: Money
    payouts: tuple[PayoutId, ...]
    at: datetime
    entry_id: EntryId
    entry_hash: str
    window: WindowId


def record_exchange(
    ports: Ports,
    reference: str,
    given: Money,
    got: Money,
    payouts: Sequence[str],
    rail: str = RAIL,
) -> Exchange:
    """Close the conversions of some payouts by what the rail really took and gave.

    The rail's reference names the record: the same again is success. Raises NotFound, Invalid,
    ExchangeDiffers, AlreadyExchanged, ExchangeRecorded.
    """
    _check(reference, given, got, payouts)
    key = keys.receipt("exchange", reference)
    ids = tuple(PayoutId(id_) for id_ in dict.fromkeys(payouts))
    recorded = find(ports.store, key, Exchange)
    if recorded is not None:
        return _same(recorded.value, given, got, ids)
    closes = [_conversion(ports, id_, given, got) for id_ in ids]
    at = ports.clock.now()
    entry = exchange_entry(
        key.pk, given, got, closes, at, rail=rail, reference=reference, payouts=",".join(ids)
    )
    window = window_id(at, channel(ports).time_zone)
    made = Exchange(reference, rail, given, got, ids, at, entry.id, entry.hash, window)
    closed = [
        Put(keys.exchanged(id_, given.currency), {"by": reference}, expects=ABSENT) for id_ in ids
    ]
    booked = Put(keys.entry(window, entry.id), to_plain(entry), expects=ABSENT)
    try:
        ports.store.write(create(key, made), booked, *closed)
    except WriteConflict:
        faster = find(ports.store, key, Exchange)
        if faster is None:
            raise
        return _same(faster.value, given, got, ids)
    return made


def _check(reference: str, given: Money, got: Money, payouts: Sequence[str]) -> None:
    if not reference:
        raise Invalid("reference", "the rail's reference is missing")
    if given.currency == got.currency or given.minor <= 0 or got.minor <= 0:
        raise Invalid("given", "two amounts above zero, of two currencies, are exchanged")
    if not 1 <= len(payouts) <= _PAYOUTS_MAX:
        raise Invalid("payouts", f"1 to {_PAYOUTS_MAX} payouts are closed at once")


def _conversion(ports: Ports, id_: PayoutId, given: Money, got: Money) -> Conversion:
    """The payout's conversion between the two currencies, if it is still open."""
    payout = load(ports.store, keys.payout(id_), Payout, "payout").value
    closed = ports.store.get(keys.exchanged(id_, given.currency))
    if closed is not None:
        raise AlreadyExchanged(id_, str(closed.body["by"]))
    for conversion in payout.conversions:
        between = (conversion.given.currency, conversion.got.currency)
        if between == (given.currency, got.currency):
            return conversion
    raise Invalid("payouts", f"{id_} has no conversion of {given.currency} to {got.currency}")


def _same(recorded: Exchange, given: Money, got: Money, ids: tuple[PayoutId, ...]) -> Exchange:
    if (recorded.given, recorded.got, recorded.payouts) != (given, got, ids):
        raise ExchangeRecorded(recorded.reference)
    return recorded
