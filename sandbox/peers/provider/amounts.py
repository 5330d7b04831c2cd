"""Which amounts does the provider take? Currencies, minima, and units that must be whole."""

from sandbox.peers.provider.refusals import Thing, invalid
from sandbox.peers.provider.render import whole

# docs.stripe.com/currencies: what an account can settle, and the least that can be charged.
MINIMUM = {
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "huf": 17500,
    "isk": 20000,
    "jpy": 50,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "usd": 50,
    "kwd": 500,
}
_CHARGE_MAX = 99_999_999
_WHOLE_HUNDREDS = {"isk", "ugx"}  # sent with two decimals that must be zero
_WHOLE_TENS = {"bhd", "jod", "kwd", "omr", "tnd"}  # three decimals, the last must be zero


def required(params: Thing, name: str) -> str:
    value = params.get(name, "")
    if not isinstance(value, str) or not value:
        raise invalid(f"Missing required param: {name}.", "parameter_missing", name)
    return value


def currency_of(params: Thing) -> str:
    code = required(params, "currency").lower()
    if code not in MINIMUM:
        known = ", ".join(MINIMUM)
        raise invalid(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {known}",
            param="currency",
        )
    return code


def amount_of(params: Thing, currency: str, name: str = "amount") -> int:
    """A positive whole amount that the currency's unit allows."""
    amount = whole(required(params, name), name)
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", "parameter_invalid_integer", name
        )
    step = 100 if currency in _WHOLE_HUNDREDS else 10 if currency in _WHOLE_TENS else 1
    if amount % step:
        raise invalid(f"Invalid amount: {currency} amounts go in steps of {step}.", param=name)
    return amount


def chargeable(params: Thing, currency: str) -> int:
    amount = amount_of(params, currency)
    if amount < MINIMUM[currency]:
        raise invalid(
            f"Amount must be at least {MINIMUM[currency]} {currency}.", "amount_too_small", "amount"
        )
    if amount > _CHARGE_MAX:
        raise invalid(
            f"Amount must be no more than {_CHARGE_MAX} {currency}.", "amount_too_large", "amount"
        )
    return amount
