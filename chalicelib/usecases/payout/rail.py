"""On which rail is a payee paid? Its payout account says so, and a payout keeps the account it has.

So nothing that was instructed on one rail is ever asked of another: only a held payout's successor
looks at the party again, and a party's account is changed by two people (party/destination.py).
"""

from datetime import timedelta

from chalicelib.domain.bank.details import is_bank_account
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.money import Currency
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import PayoutRefused, Payouts

SEPA = "sepa"
ACCOUNT_LACKS_CURRENCY = "account_lacks_currency"
KEY_LIFE = timedelta(hours=23)  # Stripe forgets idempotency keys after 24 hours
# A payout's one file stays where it was put for 400 days (infra/bank.json): put again under its
# name, it is no second one.
_FILE_LIFE = timedelta(days=30)


def rail(ports: Ports, account: str) -> Payouts:
    """The bank for `bank_…`, the payment provider for `acct_…`."""
    return ports.bank_payouts if is_bank_account(account) else ports.payouts


def not_payable(ports: Ports, account: str, code: Currency) -> str:
    """Why money in this currency cannot be sent there, "" when it can or the rail does not say.

    Sent all the same it would be converted, and lie where it can neither be paid out nor, at the
    next rate, be taken back to the cent.
    """
    try:
        held = rail(ports, account).currencies(account)
    except PayoutRefused as refused:
        return f"refused_{refused.provider_code}"
    return "" if held is None or code in held else ACCOUNT_LACKS_CURRENCY


def remembered_for(account: str) -> timedelta:
    """For how long after its recording a call may be made again without being made twice."""
    return _FILE_LIFE if is_bank_account(account) else KEY_LIFE


def books_of(account: str) -> str:
    """Whose cash account moves: `cash:sepa` or the provider's."""
    return SEPA if is_bank_account(account) else RAIL
