"""Do histories end well where the account has no euros, at a rate that is another one each hour?

Drivers pay euros; the provider keeps kronor, and euros only as far as the channel puts them there.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest

from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.money import Currency, Money
from sandbox.memory.balances import Balances
from sandbox.memory.world import EUR
from sandbox.simulation.faults import NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.judging.found import Found
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.kinds import SCENARIOS
from sandbox.simulation.play import play_seed
from sandbox.simulation.runner import quiet_process

SEK = Currency("SEK")
_SEEDS, _RATES = 40, 37
_GIVEN_BACK = ("card", "debit", "dispute", "refund", "chargeback", "CDR is replaced", "top-up")


@pytest.fixture(autouse=True)
def _converts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plain = Balances.moved_as

    def moved_as(balances: Balances, money: Money, account: str = "") -> Conversion:
        if not account:
            hour = int(balances._clock.now().timestamp()) // 3600
            rate = Decimal("10.8") + Decimal(hour % _RATES) / 100
            balances.no_balance(EUR, SEK, str(rate))
        return plain(balances, money, account)

    monkeypatch.setattr(Balances, "moved_as", moved_as)
    monkeypatch.setattr(Balances, "converted", moved_as)
    with quiet_process():
        yield


def test_fair_days_on_which_money_is_given_back_close_in_both_currencies() -> None:
    results = set[Purpose]()
    for scenario in SCENARIOS:
        if not scenario.name.startswith(_GIVEN_BACK):
            continue
        history = History(scenario, NoFaults(), Random(0))
        history.run()
        assert violations(history) == []
        found = Found(history)
        if any(line.kind == "charge" for line in found.lines()):
            assert found.total(Purpose.CASH)[SEK] == found.rail()[SEK] != 0
        results |= {account.purpose for account, sums in found.book.items() if sums.get(SEK)}
    assert {Purpose.FX_POSITION, Purpose.FX_GAIN, Purpose.FX_LOSS, Purpose.PSP_FEE} <= results


def test_histories_with_faults_end_well() -> None:
    bad = [played for played in map(play_seed, range(_SEEDS)) if played.found]
    assert [(played.name, played.found) for played in bad] == []
