"""How does each test card and account behave, and what does the provider ask for a payment?"""

from datetime import timedelta

from chalicelib.domain.money import Money

_FIXED_FEE_MINOR = {"EUR": 25, "GBP": 20, "CHF": 30}
MINIMUM_MINOR = {"GBP": 30, "DKK": 250, "NOK": 300, "SEK": 300, "PLN": 200, "CZK": 1500}

# What each test card does, in Stripe's names (docs.stripe.com/testing). A card unknown is refused.
DECLINES = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedLostCard": "lost_card",
}
APPROVED = {"pm_card_visa", "pm_card_mastercard", "pm_card_visa_debit"}
NO_INCREMENT = {"pm_card_amex"}
ASKS_BANK = {"pm_card_authenticationRequired"}
# Direct debits answer after days; what a failing one's bank says then.
DEBIT_DAYS = timedelta(days=5)
DEBITS = {
    "pm_sepa_pays": "",
    "pm_sepa_fails": "insufficient_funds",
    "pm_sepa_gone": "account_closed",
}


def fee_of(money: Money) -> Money:
    """1.5 % of the amount, half up, and a fixed part: a European card at Stripe's list price."""
    percent = (money.minor * 150 + 5_000) // 10_000
    return Money(percent + _FIXED_FEE_MINOR.get(money.currency, 25), money.currency)
