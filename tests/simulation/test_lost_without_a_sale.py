"""Who owes what a driver's bank took for good where no CDR ever made a sale?"""

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


def _played(reason: str) -> History:
    acts = (Act("chargeback", 30, f"{reason} lost"),)
    scenario = Scenario("lost, no CDR", (Trip(cdr=CdrWay.NEVER),), nights=False, acts=acts)
    history = History(scenario, NoFaults(), Random(0))
    history.run()
    return history


@pytest.mark.parametrize("reason", ["fraudulent", "product_not_received"])
def test_it_is_the_driver_s_debt_and_nobody_s_loss(reason: str) -> None:
    history = _played(reason)
    (dispute,) = history.payments.disputes().values()
    found = Found(history)
    assert found.total(Purpose.DRIVER_RECEIVABLE)["EUR"] == dispute.money.minor > 0
    assert found.total(Purpose.LOSS)["EUR"] == 0, "there was no sale that anybody could lose"
    assert violations(history) == []
