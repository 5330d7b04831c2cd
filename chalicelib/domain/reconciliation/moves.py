"""What moved where: by our journal, and by whoever holds the money? One form for both.

A *place* is an account at a provider or bank that shows its own lines: the channel's balance there
("stripe"), a payee's connected account ("stripe:cpo_a"), our bank account ("sepa"). Our bank shows
no account of a payee: what is set aside there for one lies in our own account's balance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.reconciliation.identity import METHOD_OF

_POOLED = "sepa"  # a bank: one account holds all, whoever it is meant for


class Movement(StrEnum):
    CHARGE = "charge"
    REFUND = "refund"
    PAID_IN = "paid_in"  # a partner's or the channel's own money came (or went)
    TRANSFER = "transfer"  # between our balance and a payee's account at the provider
    PAYOUT = "payout"  # out to a bank, and back when it was returned
    DISPUTE = "dispute"  # a driver's bank took money, or gave it back
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One line of the provider's own record. `net` is what its balance moved by."""

    place: str
    kind: str
    reference: str
    source: str
    net: Money
    fee: Money
    owner: str = ""  # our session or payout, as the provider has it
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A movement of a place's balance. `owner` "" is known to nobody but by `references`."""

    place: str
    what: Movement
    owner: str
    net: Mapping[Currency, int]
    fee: Mapping[Currency, int]
    subject: str  # our entry, or the provider's line
    references: frozenset[str]
    at: datetime | None


_OF_EVENT = {
    Event.CASH: Movement.CHARGE,
    Event.REFUND: Movement.REFUND,
    Event.TOP_UP: Movement.PAID_IN,
    Event.INVOICE_PAID: Movement.PAID_IN,
    Event.FLOAT: Movement.PAID_IN,
    Event.CLAIM_PAID: Movement.PAID_IN,
    Event.TOP_UP_REFUND: Movement.REFUND,
    Event.CHARGEBACK: Movement.DISPUTE,
    Event.TRANSFER: Movement.TRANSFER,
    Event.PAYOUT: Movement.PAYOUT,
    Event.PAYOUT_RETURNED: Movement.PAYOUT,
}
_OF_KIND = {
    "charge": Movement.CHARGE,
    "refund": Movement.REFUND,
    "refund_failure": Movement.REFUND,
    "topup": Movement.PAID_IN,
    "dispute": Movement.DISPUTE,
    "adjustment": Movement.DISPUTE,  # Stripe's word for a dispute's money
    "transfer": Movement.TRANSFER,
    "transfer_refund": Movement.TRANSFER,
    "payment": Movement.TRANSFER,
    "payment_refund": Movement.TRANSFER,
    "payout": Movement.PAYOUT,
    "payout_failure": Movement.PAYOUT,
}
_FEE_MOVES = {Movement.CHARGE, Movement.PAID_IN, Movement.DISPUTE}
_EXCHANGED = frozenset({Purpose.FX_POSITION, Purpose.FX_GAIN, Purpose.FX_LOSS})
_NO_FEE = frozenset({Purpose.CASH, Purpose.FLOAT, *_EXCHANGED, *METHOD_OF})  # and all paid for
_OWNED = ("session#", "payout#", "top-up#")
_TOP_UP = "top_"  # how the id of a balance's top-up begins, which the provider has with its charge


def place_of(account: Account, pooled: frozenset[str]) -> str:
    """Where the money of a cash account lies, "" for any other; `pooled` parties use the bank."""
    if account.purpose is Purpose.CASH:
        return account.party
    if account.purpose is Purpose.CONNECTED:
        return _POOLED if account.party in pooled else f"{RAIL}:{account.party}"
    return ""


def booked_moves(entries: Iterable[Entry], pooled: frozenset[str]) -> Iterator[Move]:
    """The journal's moves. `pooled` are the payouts (`payout#…`) that go through the bank."""
    for entry in entries:
        parties = _parties(entry) if entry.owner in pooled else frozenset()
        sums: dict[str, dict[Currency, int]] = {}
        for posting in entry.postings:
            place = place_of(posting.account, parties)
            if place:
                code, of_place = posting.money.currency, sums.setdefault(place, {})
                of_place[code] = of_place.get(code, 0) + posting.money.minor
        for place, net in sums.items():
            if any(net.values()):
                yield _booked(entry, place, net)


def stated_moves(lines: Iterable[ProviderLine]) -> Iterator[Move]:
    """The provider's moves, each line one; a line of nothing moves nothing."""
    for line in lines:
        if not line.net.minor and not line.fee.minor:
            continue
        what = _OF_KIND.get(line.kind, Movement.OTHER)
        if what is Movement.CHARGE and line.owner.startswith(_TOP_UP):
            what = Movement.PAID_IN
        if line.place == _POOLED and what is Movement.TRANSFER:
            what = Movement.PAYOUT  # a credit transfer leaves the bank at once
        fee = {line.fee.currency: line.fee.minor} if line.fee.minor else {}
        references = frozenset({line.reference, line.source} - {""})
        net = {line.net.currency: line.net.minor}
        yield Move(line.place, what, line.owner, net, fee, line.reference, references, line.at)


def _parties(entry: Entry) -> frozenset[str]:
    return frozenset(
        posting.account.party
        for posting in entry.postings
        if posting.account.purpose is Purpose.CONNECTED
    )


def _booked(entry: Entry, place: str, net: dict[Currency, int]) -> Move:
    what = _OF_EVENT.get(entry.event, Movement.OTHER)
    owned = entry.owner.startswith(_OWNED)
    owner = entry.owner.partition("#")[2] if owned else entry.refs.get("top_up", "")
    reference = entry.refs.get("reference", "")
    references = frozenset(
        {reference, entry.refs.get("stated", ""), entry.owner.rpartition("#")[2]} - {""}
    )
    fee = _fee(entry) if what in _FEE_MOVES else {}
    return Move(place, what, owner, net, fee, entry.id, references, entry.at)


def _fee(entry: Entry) -> dict[Currency, int]:
    """What the provider kept: what stands neither on cash nor on what was paid for."""
    fee: dict[Currency, int] = {}
    for posting in entry.postings:
        if posting.account.purpose not in _NO_FEE:
            code = posting.money.currency
            fee[code] = fee.get(code, 0) + posting.money.minor
    return fee
