"""What do the provider and the bank hold, by their own word past their APIs? By place."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.bank.details import SEPA_CURRENCY
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.money import Currency
from chalicelib.usecases.payout.rail import SEPA
from sandbox.market.house import House
from sandbox.market.roles import Cast

Amounts = dict[str, int]  # minor units by currency
Booked = Mapping[Currency, int] | Mapping[str, int]  # the same, of our books or outside
Holdings = dict[str, Amounts]


def holdings(house: House, cast: Cast) -> Holdings:
    """Our balance at the provider ("stripe"), each payee's there, our bank account ("sepa")."""
    provider = house.http.get(f"{house.provider.url}/sim/state").json()
    held = {RAIL: _purse(provider, "channel")}
    for party in cast.paid_parties:
        held[f"{RAIL}:{party.id}"] = _purse(provider, party.payout_account)
    if house.bank is not None:
        bank = house.http.get(f"{house.bank.url}/sim/state").json()
        # What it has promised to a payee is no longer ours, whenever it books it.
        held[SEPA] = without_zero({SEPA_CURRENCY: bank["minor"] - bank["promised_minor"]})
    return held


def expected(cast: Cast, *, came: Amounts, went: tuple[Booked, ...]) -> Amounts:
    """What must lie somewhere: what the cast had when the market opened, and what drivers paid,
    less what went out for good.
    """
    own = [*cast.floats, *(role.paid_in for role in cast.partners), cast.at_bank]
    sums: Counter[str] = Counter(came)
    for money in filter(None, own):
        sums[money.currency] += money.minor
    for amounts in went:
        sums.subtract({str(code): minor for code, minor in amounts.items()})
    return without_zero(sums)


def everywhere(held: Holdings) -> Amounts:
    """The sum of all places."""
    sums: Counter[str] = Counter()
    for amounts in held.values():
        sums.update(amounts)
    return without_zero(sums)


def without_zero(amounts: Booked) -> Amounts:
    return {code: minor for code, minor in sorted(amounts.items()) if minor}


def _purse(state: dict[str, Any], account: str) -> Amounts:
    purses = state["balances"].get(account, {})
    return without_zero(
        {code: purse["available"] + purse["pending"] for code, purse in purses.items()}
    )
