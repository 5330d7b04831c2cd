"""Which OCPI routes are there? Importing a module serves its paths; app.py registers them all."""

from chalicelib.handlers.ocpi import (
    cdrs,
    commands,
    credentials,
    hubclientinfo,
    invoicereconciliation,
    locations,
    sessions,
    tariffs,
    tokens,
    versions,
)
from chalicelib.handlers.ocpi.endpoint import SERVED, ocpi

MODULES = (
    *(versions, credentials, locations, tariffs, sessions, cdrs, tokens, commands),
    *(hubclientinfo, invoicereconciliation),
)

__all__ = ["MODULES", "SERVED", "ocpi"]
