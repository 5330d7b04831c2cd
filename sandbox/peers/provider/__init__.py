"""A payment provider that speaks Stripe's API, with Stripe's rules, on one machine.

Written against the API's public reference and the SDK's own types; chalicelib knows nothing of it.
"""
