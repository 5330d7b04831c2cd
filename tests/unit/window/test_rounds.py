"""One payee's money is not there yet: are the others paid at once, and that one asked again?"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.usecases.counterparty.record import POLLS_MAX
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

OF_THE_CPO = 1609


def looked_at(settled: SettledWorld, more: int = 0) -> Counter[tuple[str, str]]:
    """A day's settlement: which step was done how often, for whom. Before the second Fund round the
    rail gets `more`.
    """
    asked = Counter[tuple[str, str]]()
    ports = settled.world.ports

    def noted(payload: Mapping[str, Any], call: Callable[[], Any]) -> Any:
        asked[str(payload["step"]), str(payload.get("payout", ""))] += 1
        if payload["step"] == "net" and asked["net", ""] == 2 and more:
            ports.payouts.fund(Money(more, EUR))
        return call()

    settled.machine = MemoryMachine(ports, noted)
    settled.charge()
    settled.settle_day()
    return asked


def test_the_next_round_asks_only_whom_the_first_left_open() -> None:
    settled = SettledWorld(funded=Money(OF_THE_CPO, EUR))
    asked = looked_at(settled, more=1_000)
    by_kind = {payout.party_id == CPO: payout for payout in settled.payouts()}
    cpo, partner = by_kind[True], by_kind[False]
    assert {cpo.stage, partner.stage} == {PayoutStage.ACCEPTED}
    assert (asked["screen", cpo.id], asked["screen", partner.id]) == (1, 2)
    assert (asked["fund", cpo.id], asked["fund", partner.id]) == (1, 2)
    assert (asked["document", partner.id], asked["prove", ""]) == (2, 2 + 1)


def test_rounds_end_and_who_is_not_funded_is_held() -> None:
    settled = SettledWorld(funded=Money(OF_THE_CPO, EUR))
    asked = looked_at(settled)
    (held,) = (payout for payout in settled.payouts() if payout.party_id != CPO)
    assert (held.stage, held.reason) == (PayoutStage.HELD, "unfunded")
    assert asked["net", ""] == asked["fund", held.id] == POLLS_MAX + 1
    assert settled.machine.status == {f"{DAY}.1": "SUCCEEDED"}
