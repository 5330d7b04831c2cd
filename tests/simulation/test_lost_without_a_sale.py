"""Who owes what a driver's bank took for good where no CDR made a sale, or none had yet?"""

from collections.abc import Iterator
from random import Random

import pytest

from chalicelib.domain.ledger.account import Purpose
from sandbox.simulation.faults import NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.judging.found import Found
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.runner import quiet_process
from sandbox.simulation.trip import Act, CdrWay, Scenario, Trip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


def _played(reason: str, trip: Trip) -> History:
    acts = (Act("chargeback", 30, f"{reason} lost"),)
    scenario = Scenario("lost, no CDR", (trip,), nights=False, acts=acts)
    history = History(scenario, NoFaults(), Random(0))
    history.run()
    return history


@pytest.mark.parametrize("reason", ["fraudulent", "product_not_received"])
def test_it_is_the_driver_s_debt_and_nobody_s_loss(reason: str) -> None:
    history = _played(reason, Trip(cdr=CdrWay.NEVER))
    (dispute,) = history.payments.disputes().values()
    found = Found(history)
    assert found.total(Purpose.DRIVER_RECEIVABLE)["EUR"] == dispute.money.minor > 0
    assert found.total(Purpose.LOSS)["EUR"] == 0, "there was no sale that anybody could lose"
    assert violations(history) == []


@pytest.mark.parametrize(
    ("reason", "loss", "cpo_payable"), [("fraudulent", 1749, -1609), ("product_not_received", 0, 0)]
)
def test_a_cdr_that_comes_after_it_names_who_bears_it(
    reason: str, loss: int, cpo_payable: int
) -> None:
    history = _played(reason, Trip(cdr=CdrWay.LATE, cdr_after=7200))
    found = Found(history)
    assert found.total(Purpose.DRIVER_RECEIVABLE)["EUR"] == 0
    assert found.total(Purpose.LOSS)["EUR"] == loss
    assert found.total(Purpose.CPO_PAYABLE)["EUR"] == cpo_payable
    assert violations(history) == []
