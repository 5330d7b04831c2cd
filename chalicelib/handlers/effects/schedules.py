"""What runs by the clock? Thin functions that EventBridge Scheduler invokes (infra/schedules.json).

They take no input: each asks the clock, and running one twice does no harm.
"""

# ruff: noqa: PLC0415 - app.py imports this for the API too, which never sweeps: a cold start pays

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.codec import to_plain

scheduled_effects = Blueprint(__name__)
log = Logger(service="schedules")


@scheduled_effects.lambda_function(name="sweep_effects")
def sweep_effects(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes: what the stream left behind, and what the payout rail has not told."""
    from chalicelib.usecases.effect import sweep as sweeping
    from chalicelib.usecases.payout.sweep import sweep_payouts
    from chalicelib.usecases.window.close import publish_over

    ports = wiring.ports()
    counts = {**sweeping.sweep(ports), **sweep_payouts(ports)}
    counts["shares_published"] = len(publish_over(ports))
    if counts["quarantined"]:
        log.error("quarantined", extra={"owners": counts["quarantined"]})
    log.info("swept", extra={"counts": counts})  # infra/alarms.json reads `stream_answered`
    return dict(counts)


@scheduled_effects.lambda_function(name="import_rates")
def import_rates(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every day, after the ECB has published."""
    from chalicelib.usecases.rates import import_rates as importing

    new = importing.import_rates(wiring.ports())
    log.info("rates", extra={"new_days": new})
    return {"new_days": new}


@scheduled_effects.lambda_function(name="pull_networks")
def pull_networks(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every hour: what the CPOs' pushes have not brought."""
    from chalicelib.usecases.network import pull as pulling

    pulls: list[dict[str, Any]] = [to_plain(pull) for pull in pulling.pull_all(wiring.ports())]
    for pull in pulls:
        log.info("pulled", extra={"pull": pull})
    return {"peers": pulls}
