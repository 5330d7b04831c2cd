"""How does paying a party out stand in the books, from conversion to a returned payout?

payable --conversion--> payable in the settlement currency
cash    --transfer----> connected (the rail holds it for the payee)
payable --payout------> the debt is paid with what was held; a return re-opens it
"""

from datetime import datetime

from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, cash
from chalicelib.domain.ledger.converted import POSITION
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind

_PAYABLES = {PartyKind.CPO: Purpose.CPO_PAYABLE, PartyKind.PARTNER: Purpose.PARTNER_PAYABLE}


def payable(kind: PartyKind, party_id: PartyId) -> Account:
    """What we owe a CPO or a partner; the channel owes itself nothing (a bug)."""
    return Account(_PAYABLES[kind], party_id)


def connected(party_id: PartyId) -> Account:
    return Account(Purpose.CONNECTED, party_id)


def conversion_entry(
    owner: str,
    account: Account,
    conversion: Conversion,
    at: datetime,
    *,
    name: str = "conversion",
    **refs: str,
) -> Entry:
    """A debt in one currency becomes a debt in another, at a recorded published rate.

    A margin that was agreed is taken from what the payee gets. What stays open in FX_POSITION is
    the channel's until it exchanges its cash (domain/ledger/exchange.py).
    """
    margin = conversion.margin or Money.zero(conversion.got.currency)
    postings = (
        (account, conversion.given),
        (POSITION, -conversion.given),
        (POSITION, conversion.got + margin),
        (account, -conversion.got),
        (Account(Purpose.FX_MARGIN), -margin),
    )
    rate = {
        "rate": format(conversion.rate, "f"),
        "rate_day": conversion.day.isoformat(),
        "rate_source": conversion.source,
    }
    return entry(owner, name, Event.CONVERSION, at, postings, **rate, **refs)


def transfer_entry(
    owner: str,
    party_id: PartyId,
    money: Money,
    at: datetime,
    *,
    rail: str = RAIL,
    name: str = "transfer",
    **refs: str,
) -> Entry:
    """The channel's cash went to the payee's connected account; the debt still stands."""
    postings = ((connected(party_id), money), (cash(rail), -money))
    return entry(owner, name, Event.TRANSFER, at, postings, **refs)


def transfer_reversed_entry(
    owner: str,
    party_id: PartyId,
    money: Money,
    at: datetime,
    *,
    rail: str = RAIL,
    name: str = "transfer_reversed",
    **refs: str,
) -> Entry:
    """A transfer was taken back after its payout finally failed."""
    postings = ((cash(rail), money), (connected(party_id), -money))
    return entry(owner, name, Event.TRANSFER, at, postings, **refs)


def payout_entry(
    owner: str, account: Account, money: Money, at: datetime, *, name: str = "payout", **refs: str
) -> Entry:
    """The rail accepted the payout: the debt in `account` (see payable) is paid."""
    postings = ((account, money), (connected(PartyId(account.party)), -money))
    return entry(owner, name, Event.PAYOUT, at, postings, **refs)


def payout_returned_entry(
    owner: str,
    account: Account,
    money: Money,
    at: datetime,
    *,
    name: str = "payout_returned",
    **refs: str,
) -> Entry:
    """The bank sent the payout back: we owe the party again, and the rail holds its money again."""
    postings = ((connected(PartyId(account.party)), money), (account, -money))
    return entry(owner, name, Event.PAYOUT_RETURNED, at, postings, **refs)
