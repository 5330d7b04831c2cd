"""May money be sent to this party? One reason why not, or none."""

from chalicelib.domain.bank.details import SEPA_CURRENCY, is_bank_account
from chalicelib.domain.party.party import Kyc, Party

KYC_PENDING = "kyc_pending"
KYC_BLOCKED = "kyc_blocked"
NO_PAYOUT_ACCOUNT = "no_payout_account"
UNKNOWN_PARTY = "unknown_party"
CURRENCY_NOT_SEPA = "currency_not_sepa"


def screen(party: Party | None) -> str:
    """The reason to hold a payout, "" when it may go. Ordered: the gravest is named."""
    if party is None:
        return UNKNOWN_PARTY
    if party.kyc is Kyc.BLOCKED:
        return KYC_BLOCKED
    if party.kyc is not Kyc.VERIFIED:
        return KYC_PENDING
    if not party.payout_account:
        return NO_PAYOUT_ACCOUNT
    if is_bank_account(party.payout_account) and party.settlement_currency != SEPA_CURRENCY:
        return CURRENCY_NOT_SEPA
    return ""
