"""Why was money not to be had? Our stable word for each of a provider's many codes.

Partners read the word and show their driver what to do; the provider's own code stays in the
record. A code that is not listed here reads `declined`: providers add codes without notice.
"""

from enum import StrEnum


class DeclineReason(StrEnum):
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_REACHED = "limit_reached"
    EXPIRED_CARD = "expired_card"
    WRONG_DETAILS = "wrong_details"  # number, security code, PIN, IBAN
    LOST_OR_STOLEN = "lost_or_stolen"
    AUTHENTICATION_REQUIRED = "authentication_required"  # the bank asks, and the driver is away
    AUTHENTICATION_FAILED = "authentication_failed"
    NOT_SUPPORTED = "not_supported"  # the card, its currency or this kind of purchase
    METHOD_UNKNOWN = "method_unknown"  # the saved method is not there (any more)
    MANDATE_REVOKED = "mandate_revoked"
    ACCOUNT_CLOSED = "account_closed"
    AMOUNT_NOT_PAYABLE = "amount_not_payable"
    HOLD_LAPSED = "hold_lapsed"  # it was not captured in time
    TRY_AGAIN = "try_again"  # the bank or the provider could not decide
    DECLINED = "declined"  # the bank gives no reason, or one that it asks not to tell


_R = DeclineReason
_CODES: dict[DeclineReason, tuple[str, ...]] = {
    _R.INSUFFICIENT_FUNDS: ("insufficient_funds",),
    _R.LIMIT_REACHED: (
        "card_velocity_exceeded",
        "withdrawal_count_limit_exceeded",
        "charge_exceeds_source_limit",
        "charge_exceeds_transaction_limit",
        "charge_exceeds_weekly_limit",
    ),
    _R.EXPIRED_CARD: ("expired_card", "invalid_expiry_month", "invalid_expiry_year"),
    _R.WRONG_DETAILS: (
        "incorrect_cvc",
        "invalid_cvc",
        "incorrect_number",
        "invalid_number",
        "incorrect_pin",
        "invalid_pin",
        "incorrect_zip",
        "incorrect_address",
        "invalid_account",
        "invalid_account_number",
        "incorrect_account_holder_name",
    ),
    # Banks ask that a thief is not told: partners get `declined`, we keep the code.
    _R.LOST_OR_STOLEN: (),
    _R.AUTHENTICATION_REQUIRED: ("authentication_required", "approve_with_id"),
    _R.AUTHENTICATION_FAILED: (
        "payment_intent_authentication_failure",
        "setup_intent_authentication_failure",
        "authentication_not_handled",
    ),
    _R.NOT_SUPPORTED: (
        "card_not_supported",
        "currency_not_supported",
        "transaction_not_allowed",
        "restricted_card",
        "service_not_allowed",
        "not_permitted",
        "debit_not_authorized",
    ),
    _R.METHOD_UNKNOWN: ("resource_missing", "new_account_information_available"),
    _R.MANDATE_REVOKED: (
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "stop_payment_order",
        "payment_method_microdeposit_failed",
        "refer_to_customer",
        "debit_disputed",
    ),
    _R.ACCOUNT_CLOSED: ("account_closed", "no_account", "account_frozen", "bank_account_closed"),
    _R.AMOUNT_NOT_PAYABLE: ("amount_too_small", "amount_too_large", "invalid_amount"),
    _R.HOLD_LAPSED: ("expired", "charge_expired_for_capture", "cancelled", "canceled"),
    _R.TRY_AGAIN: (
        "processing_error",
        "issuer_not_available",
        "try_again_later",
        "reenter_transaction",
        "bank_account_unusable",
    ),
}
_WORDS = {code: reason for reason, codes in _CODES.items() for code in codes}
_KEPT_BACK = frozenset(
    {"lost_card", "stolen_card", "pickup_card", "fraudulent", "security_violation"}
)


def reason_of(provider_code: str, *, to_partner: bool = True) -> DeclineReason:
    """The word for a provider's code. Staff may read that a card was reported lost or stolen."""
    if provider_code in _KEPT_BACK:
        return DeclineReason.DECLINED if to_partner else DeclineReason.LOST_OR_STOLEN
    return _WORDS.get(provider_code, DeclineReason.DECLINED)
