"""Do the Lambda functions tell the state machine outcomes, and keep errors for what is broken?"""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.handlers.settlement.functions import settle_counterparty, settle_window
from chalicelib.handlers.settlement.opening import open_due_windows
from sandbox.memory.settled import DAY, SettledWorld

CONTEXT = object()


@pytest.fixture
def settled() -> Iterator[SettledWorld]:
    made = SettledWorld()
    made.charge()
    made.close_of()
    wiring.use(made.world.ports, wiring.Settings({"SETTLE_WAIT_S": "1800"}), made.machine)
    yield made
    wiring.use(None)


def test_the_schedules_function_opens_what_is_due_by_the_clock(settled: SettledWorld) -> None:
    assert open_due_windows({}, CONTEXT) == {"opened": [DAY], "started": [DAY], "late": []}
    assert settled.machine.status == {f"{DAY}.1": "SUCCEEDED"}


def test_an_outcome_says_how_long_to_wait_and_why(settled: SettledWorld) -> None:
    settled.run()
    payout = settled.payouts()[0]
    told = settle_counterparty(
        {"step": "screen", "window": DAY, "attempt": 1, "payout": payout.id}, CONTEXT
    )
    assert told == {"outcome": "done", "reason": "", "wait_s": 1800}


def test_an_attempt_that_was_overtaken_is_told_so_in_every_shape(settled: SettledWorld) -> None:
    settled.run()
    for step in ("freeze", "pull_missing", "reconcile", "net", "prove", "close"):
        told = settle_window({"step": step, "window": DAY, "attempt": 0}, CONTEXT)
        assert (told["outcome"], told["pages"]) == ("superseded", [])
    for step in ("list", "screen", "convert", "document", "fund", "pay", "confirm", "hold"):
        event = {"step": step, "window": DAY, "attempt": 0, "page": 0, "payout": "pay_x"}
        assert settle_counterparty(event, CONTEXT)["outcome"] == "superseded"


def test_a_step_or_a_window_that_does_not_exist_is_an_error(settled: SettledWorld) -> None:
    settled.run()
    with pytest.raises(Invalid):
        settle_window({"step": "dance", "window": DAY, "attempt": 1}, CONTEXT)
    with pytest.raises(Invalid):
        settle_counterparty({"step": "x", "window": DAY, "attempt": 1, "payout": "p"}, CONTEXT)
    with pytest.raises(NotFound):
        settle_window({"step": "freeze", "window": "2026-01-01.UTC", "attempt": 1}, CONTEXT)
