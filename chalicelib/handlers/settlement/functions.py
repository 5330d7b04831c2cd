"""What do the settlement machine and its schedule invoke? Three functions, outcomes as data.

An exception is an infrastructure error, which the machine retries; what a step decided, a refusal
included, is its `outcome`, on which the machine branches.
"""

# ruff: noqa: PLC0415 - app.py imports this for the API too, which never settles: a cold start pays

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib import wiring

settlement = Blueprint(__name__)
log = Logger(service="settlement")


@settlement.lambda_function(name="open_due_windows")
def open_due_windows(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes: ask the clock, not the event."""
    from chalicelib.usecases.window.open_due import open_due

    done = open_due(wiring.ports(), wiring.machine())
    log.info("windows", extra={"done": done})
    if done["late"]:
        log.error("windows_late", extra={"windows": done["late"]})  # infra/alarms.json counts it
    return done


@settlement.lambda_function(name="settle_window")
def settle_window(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    from chalicelib.usecases.window.steps import window_step

    return _told(event, window_step(wiring.ports(), event))


@settlement.lambda_function(name="settle_counterparty")
def settle_counterparty(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    from chalicelib.usecases.counterparty.steps import counterparty_step

    return _told(event, counterparty_step(wiring.ports(), event))


def _told(event: Mapping[str, Any], outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome, with how long to wait should it be one that waits."""
    log.info("step", extra={"step": dict(event), "outcome": outcome["outcome"]})
    return {"reason": "", **outcome, "wait_s": wiring.settings().settle_wait_s}
