"""Which Blueprint has all of the partner API? Importing this module declares every endpoint."""

from chalicelib.handlers.partner_api import (
    agreements,
    balance,
    events,
    evidence,
    locations,
    meta,
    quotes,
    sessions,
    statements,
    tokens,
    webhook_endpoints,
)
from chalicelib.handlers.partner_api.endpoint import partner_api

MODULES = (
    agreements,
    balance,
    events,
    evidence,
    locations,
    meta,
    quotes,
    sessions,
    statements,
    tokens,
    webhook_endpoints,
)

__all__ = ["MODULES", "partner_api"]
