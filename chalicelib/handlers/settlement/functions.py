"""What does the settlement machine invoke? Functions with outcomes as data.

An exception is an infrastructure error, which the machine retries; what a step decided, a refusal
included, is its `outcome`, on which the machine branches.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.domain.ids import WindowId
from chalicelib.handlers.measures import tell
from chalicelib.usecases.counterparty.steps import counterparty_step, payee_of
from chalicelib.usecases.window.measure import measure
from chalicelib.usecases.window.steps import window_step

log = Logger(service="settlement")


def settle_window(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    outcome = window_step(wiring.ports(), event)
    if outcome["outcome"] == "closed":
        window = WindowId(str(event["window"]))
        tell("settlement", measure(wiring.ports(), window), window=window)
    return _told(event, outcome)


def settle_counterparty(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    outcome = counterparty_step(wiring.ports(), event)
    payee = payee_of(wiring.ports(), str(event["payout"])) if "payout" in event else ""
    return _told(event, outcome, **({"party": payee} if payee else {}))


def _told(event: Mapping[str, Any], outcome: Mapping[str, Any], **more: str) -> dict[str, Any]:
    """The outcome, with how long to wait should it be one that waits."""
    about = {name: event[name] for name in ("window", "payout") if name in event} | more
    log.info("step", extra={**about, "step": dict(event), "outcome": outcome["outcome"]})
    if outcome.get("reason") == "unfunded":
        log.error("payout_unfunded", extra={"step": dict(event)})
    if outcome["outcome"] == "approval":
        log.error("approval_asked", extra={"step": dict(event)})
    return {"reason": "", **outcome, "wait_s": wiring.settings().settle_wait_s}
