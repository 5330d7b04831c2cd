"""Which OCPI routes are there? Importing a module serves its paths; app.py registers them all."""

from chalicelib.handlers.ocpi import (
    cdrs,
    commands,
    credentials,
    described,
    emsp_commands,
    emsp_network,
    emsp_sessions,
    emsp_tokens,
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
    *(hubclientinfo, invoicereconciliation, described),
    *(emsp_network, emsp_tokens, emsp_commands, emsp_sessions),
)

__all__ = ["MODULES", "SERVED", "ocpi"]
