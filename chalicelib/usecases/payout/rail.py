"""On which rail is a payee paid? Its payout account says so, and a payout keeps the account it has.

So nothing that was instructed on one rail is ever asked of another: only a held payout's successor
looks at the party again, and a party's account is changed by two people (party/destination.py).
"""

from chalicelib.domain.bank.details import is_bank_account
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import Payouts

SEPA = "sepa"


def rail(ports: Ports, account: str) -> Payouts:
    """The bank for `bank_…`, the payment provider for `acct_…`."""
    return ports.bank_payouts if is_bank_account(account) else ports.payouts


def books_of(account: str) -> str:
    """Whose cash account moves: `cash:sepa` or the provider's."""
    return SEPA if is_bank_account(account) else RAIL
