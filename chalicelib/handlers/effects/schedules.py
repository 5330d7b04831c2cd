"""Who looks after what the stream left behind? The sweeper, by the clock (infra/schedules.json).

It takes no input: it asks the clock, and running it twice does no harm.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.domain.codec import to_plain
from chalicelib.handlers.measures import tell
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.channel.forecast import forecast_hourly
from chalicelib.usecases.debt.invoice import invoice_due
from chalicelib.usecases.effect import sweep as sweeping
from chalicelib.usecases.payment.pull_events import pull_events
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.remembered import listing_once
from chalicelib.usecases.window.close import publish_over
from chalicelib.usecases.window.measure import measure
from chalicelib.usecases.window.overdue import overdue

log = Logger(service="schedules")
_AT_ONCE = 8  # owners are independent, and nearly all of their time is waiting for others


def sweep_effects(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes: what the stream left behind, and what the provider has not told."""
    counts = sweeping.sweep(wiring.ports(), _AT_ONCE)
    counts |= pull_events(wiring.ports())
    lists = (keys.zones(), keys.unpublished_windows(), keys.held_payouts(""))
    ports = listing_once(wiring.ports(), *lists)
    counts |= sweep_payouts(ports)
    published = publish_over(ports)
    counts["shares_published"] = len(published)
    if counts["quarantined"]:
        log.error("quarantined", extra={"owners": counts["quarantined"]})
    for window in published:
        tell("settlement", measure(ports, window), window=window)
    tell("schedules", counts)  # before what reads whole windows
    if _warn(ports):
        counts["claims_invoiced"] = invoice_due(ports)
    log.info("swept", extra={"counts": counts})  # infra/alarms.json reads `stream_answered`
    return dict(counts)


def _warn(ports: Ports) -> bool:
    """What people must hear of in time: infra/settlement-alarms.json counts these lines.

    True once an hour.
    """
    late = overdue(ports)
    if late:
        log.error("sessions_overdue", extra={"overdue": late})
    forecast = forecast_hourly(ports)
    short = [to_plain(each) for each in forecast.rails if each.short.minor] if forecast else []
    if short:
        log.error("float_short", extra={"rails": short})
    return forecast is not None
