"""What runs by the clock? Thin functions that EventBridge Scheduler invokes (infra/schedules.json).

They take no input: each asks the clock, and running one twice does no harm.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.usecases.effect import sweep as sweeping

scheduled_effects = Blueprint(__name__)
log = Logger(service="schedules")


@scheduled_effects.lambda_function(name="sweep_effects")
def sweep_effects(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    counts = sweeping.sweep(wiring.ports())
    log.info("swept", extra={"counts": counts})
    return dict(counts)
