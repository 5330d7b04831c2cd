"""Does the scheduled function read the mailbox, and ring when people must look?"""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.handlers.bank import functions
from chalicelib.handlers.bank.functions import read_bank_files
from tests.unit.bank.sepa_case import Case

CONTEXT = object()


@pytest.fixture
def case() -> Iterator[Case]:
    made = Case()
    made.settled.settle_day()
    ports = made.settled.world.ports
    made.banked.bank.tick(ports.clock.now())
    wiring.use(ports)
    yield made
    wiring.use(None)


def test_it_reads_what_the_bank_brought(case: Case) -> None:
    assert read_bank_files({}, CONTEXT) == {
        "files": 1,
        "matched": 0,
        "late": 0,
        "unread": 0,
        "gaps": 0,
    }
    assert case.payout().stage is PayoutStage.ACCEPTED
    assert read_bank_files({}, CONTEXT)["files"] == 0


def test_it_rings_with_counts_only(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[str, Any]] = []
    monkeypatch.setattr(functions.log, "error", lambda what, extra: rung.append((what, extra)))
    case.settled.world.ports.mailbox.bring("x.xml", b"<broken")
    counts = read_bank_files({}, CONTEXT)
    assert counts["unread"] == 1
    assert rung == [("bank_unexplained", {"counts": counts})]
