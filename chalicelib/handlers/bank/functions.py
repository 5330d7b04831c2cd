"""What runs when the bank may have answered? A function by the clock that reads its mailbox."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.usecases.bank.accept_files import accept_files

log = Logger(service="bank")


def read_bank_files(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes. Counts only: a bank's file names people and their accounts."""
    counts = accept_files(wiring.ports())
    if counts["unread"] or counts["late"] or counts["gaps"]:
        log.error("bank_unexplained", extra={"counts": counts})  # infra/alarms.json counts it
    log.info("read", extra={"counts": counts})
    return dict(counts)
