"""Which OCPI routes are there? Importing a module serves its paths; app.py registers them all."""

from chalicelib.handlers.ocpi import (
    cdrs,
    commands,
    credentials,
    locations,
    sessions,
    tariffs,
    tokens,
    versions,
)
from chalicelib.handlers.ocpi.endpoint import ocpi

MODULES = (versions, credentials, locations, tariffs, sessions, cdrs, tokens, commands)

__all__ = ["MODULES", "ocpi"]
