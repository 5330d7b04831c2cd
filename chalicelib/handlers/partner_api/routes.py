"""Which Blueprint has all of the partner API? Importing this module declares every endpoint."""

from chalicelib.handlers.partner_api import (
    agreements,
    balance,
    disputes,
    events,
    evidence,
    locations,
    meta,
    payment_methods,
    quotes,
    reservations,
    sessions,
    statements,
    tokens,
    top_ups,
    webhook_endpoints,
)
from chalicelib.handlers.partner_api.endpoint import partner_api

MODULES = (
    agreements,
    balance,
    disputes,
    events,
    evidence,
    locations,
    meta,
    payment_methods,
    quotes,
    reservations,
    sessions,
    statements,
    tokens,
    top_ups,
    webhook_endpoints,
)

__all__ = ["MODULES", "partner_api"]
