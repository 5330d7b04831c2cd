"""What do the provider and the bank say moved? Their own lines, by the place where money lies."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.domain.bank.details import SEPA_CURRENCY, is_bank_account
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.reconciliation.moves import ProviderLine
from chalicelib.domain.settlement.netting import PAYOUT_OWNER
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import BalanceLine
from chalicelib.usecases import keys
from chalicelib.usecases.bank.book import stated_lines as our_bank_lines
from chalicelib.usecases.party.read import parties
from chalicelib.usecases.payout.rail import SEPA
from chalicelib.usecases.reconciliation.journal import windows_of
from chalicelib.usecases.records import load
from chalicelib.usecases.window.sealed import rows


def all_payouts(
    ports: Ports, since: datetime | None = None, entries: Iterable[Entry] = ()
) -> list[Payout]:
    """Every payout of every window, or of those since an instant, and those that own `entries`."""
    ids = {
        row.key.sk: None
        for run in windows_of(ports, since)
        for row in rows(ports, keys.window_payouts(run.id))
    }
    owners = (entry.owner for entry in entries if entry.owner.startswith(PAYOUT_OWNER))
    ids |= dict.fromkeys(owner.removeprefix(PAYOUT_OWNER) for owner in owners)
    return [load(ports.store, keys.payout(id_), Payout, "payout").value for id_ in ids]


def pooled(payouts: Iterable[Payout]) -> frozenset[str]:
    """The owners whose money the bank moves: there no account of the payee's is seen."""
    return frozenset(payout.owner for payout in payouts if is_bank_account(payout.account))


def stated_lines(
    ports: Ports, payouts: Iterable[Payout], since: datetime | None = None
) -> list[ProviderLine]:
    """Every line of the channel's accounts, and of each payee's account at the provider."""
    lines = list(_of(RAIL, ports.payouts.balance_lines(since=since)))
    for account, party in sorted(_accounts(ports, payouts).items()):
        lines.extend(_of(f"{RAIL}:{party}", ports.payouts.balance_lines(account, since)))
    lines.extend(_of(SEPA, our_bank_lines(ports, SEPA_CURRENCY, since)))
    return [line for line in lines if since is None or line.at is None or line.at >= since]


def _accounts(ports: Ports, payouts: Iterable[Payout]) -> dict[str, str]:
    """Payout accounts at the provider, those of the past too, and whose each is."""
    known = [(party.payout_account, party.id) for party in parties(ports)]
    known += [(payout.account, payout.party_id) for payout in payouts]
    return {account: party for account, party in known if account and not is_bank_account(account)}


def _of(place: str, lines: Iterable[BalanceLine]) -> Iterator[ProviderLine]:
    for line in lines:
        yield ProviderLine(
            place, line.kind, line.reference, line.source, line.net, line.fee, line.owner, line.at
        )
