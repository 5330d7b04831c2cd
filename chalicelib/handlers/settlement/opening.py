"""When does a window settle? When its hour has come, by the clock (infra/schedules.json)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.usecases.window.open_due import open_due

log = Logger(service="settlement")


def open_due_windows(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes: ask the clock, not the event."""
    done = open_due(wiring.ports(), wiring.machine())
    log.info("windows", extra={"done": done})
    if done["late"]:
        log.error("windows_late", extra={"windows": done["late"]})  # infra/alarms.json counts it
    return done
