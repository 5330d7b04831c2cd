"""When is asked for what CPOs' pushes have not brought? By the clock (infra/schedules.json)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.domain.codec import to_plain
from chalicelib.handlers.measures import tell
from chalicelib.usecases.hub.pull_tokens import pull_tokens
from chalicelib.usecases.network import pull as pulling

log = Logger(service="schedules")
_AT_ONCE = 8  # CPOs are independent, and nearly all of the time is waiting for them


def pull_networks(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes, of the CPOs whose hour has come: what their pushes have not brought.

    A slow one keeps one thread busy; one that did not answer comes again after minutes. Of eMSPs
    the tokens that they list.
    """
    found = pulling.pull_all(wiring.ports(), at_once=_AT_ONCE)
    pulls: list[dict[str, Any]] = [to_plain(pull) for pull in found]
    for pull in pulls:
        log.info("pulled", extra={"pull": pull})
    failed, news = sum(bool(each.failed) for each in found), sum(each.news for each in found)
    tell("pulls", {"pulls_failed": failed, "pushes_lost": news} if found else {})
    tokens = [to_plain(pull) for pull in pull_tokens(wiring.ports())]
    for each in tokens:
        log.info("tokens_pulled", extra={"pull": each})
    return {"peers": pulls, "emsps": tokens}
