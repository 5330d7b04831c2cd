"""When are rates of exchange imported? Every hour, by the clock (infra/schedules.json)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.usecases.agreement.volume import count_volumes
from chalicelib.usecases.rates import import_rates as importing

log = Logger(service="schedules")


def import_rates(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every hour, until the ECB has published. A month that is over is counted, too."""
    ports = wiring.ports()
    counted = count_volumes(ports)  # first: a feed that fails must not keep tiers from their month
    new = importing.import_due(ports)
    log.info("rates", extra={"new_days": new, "months_counted": len(counted)})
    return {"new_days": new, "months_counted": len(counted)}
