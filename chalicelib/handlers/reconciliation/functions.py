"""When are the books held against the outside? Every night, by the clock (infra/schedules.json)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly

log = Logger(service="settlement")


def reconcile_books(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every night: the whole books three ways. A difference rings when it does not go by itself."""
    found = reconcile_nightly(wiring.ports())
    log.info("books", extra={"found": found})
    if found["urgent"]:
        log.error("books_differ", extra={"found": found})  # infra/alarms.json counts it
    return found
