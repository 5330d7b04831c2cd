"""What runs when the bank may have answered? A function by the clock that reads its mailbox."""

# ruff: noqa: PLC0415 - app.py imports this for the API too, which reads no file: a cold start pays

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib import wiring

bank = Blueprint(__name__)
log = Logger(service="bank")


@bank.lambda_function(name="read_bank_files")
def read_bank_files(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Every five minutes. Counts only: a bank's file names people and their accounts."""
    from chalicelib.usecases.bank.accept_files import accept_files

    counts = accept_files(wiring.ports())
    if counts["unread"] or counts["late"] or counts["gaps"]:
        log.error("bank_unexplained", extra={"counts": counts})  # infra/alarms.json counts it
    log.info("read", extra={"counts": counts})
    return dict(counts)
