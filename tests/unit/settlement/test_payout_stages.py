"""Can any order of events pay a payout twice? The table is walked in every direction."""

import pytest

from chalicelib.domain.ids import PartyId, PayoutId, WindowId
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.payout import (
    INSTRUCTED,
    SETTLED,
    IllegalPayoutStep,
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
    payout_id,
)

DAY = WindowId("2026-11-20.Europe-Berlin")


def _payout(stage: PayoutStage) -> Payout:
    return Payout(PayoutId("pay_1"), DAY, PartyId("cpo_1"), PartyKind.CPO, stage, (), "", 0)


def _nexts(stage: PayoutStage) -> dict[PayoutEvent, PayoutStage]:
    found = {}
    for event in PayoutEvent:
        try:
            found[event] = advance(_payout(stage), event).stage
        except IllegalPayoutStep:
            continue
    return found


def _reachable(stage: PayoutStage) -> set[PayoutStage]:
    seen, todo = set[PayoutStage](), [stage]
    while todo:
        for following in _nexts(todo.pop()).values():
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return seen


@pytest.mark.parametrize("stage", list(PayoutStage))
def test_no_payout_comes_back_to_where_it_was(stage: PayoutStage) -> None:
    assert stage not in _reachable(stage)


def test_what_the_rail_accepted_never_asks_it_to_pay_again() -> None:
    again = {PayoutStage.TRANSFERRING, PayoutStage.TRANSFERRED, PayoutStage.PAYING}
    for stage in (PayoutStage.ACCEPTED, PayoutStage.CREDITED, PayoutStage.RETURNED):
        assert not again & _reachable(stage)


def test_a_held_payout_is_only_ever_taken_over() -> None:
    assert _nexts(PayoutStage.HELD) == {PayoutEvent.CARRY: PayoutStage.CARRIED}
    assert _nexts(PayoutStage.CARRIED) == {}


def test_every_payout_can_come_to_rest() -> None:
    for stage in PayoutStage:
        assert stage in SETTLED or SETTLED & _reachable(stage)
    assert not SETTLED & INSTRUCTED


def test_an_event_out_of_turn_is_refused_by_name() -> None:
    with pytest.raises(IllegalPayoutStep) as refused:
        advance(_payout(PayoutStage.NETTED), PayoutEvent.ACCEPT)
    assert (refused.value.stage, refused.value.event) == ("netted", "accept")


def test_a_payee_has_one_payout_a_window_whoever_asks() -> None:
    cpo, partner = PartyKind.CPO, PartyKind.PARTNER
    party = PartyId("cpo_1")
    assert payout_id(DAY, party, cpo) == payout_id(DAY, party, cpo)
    assert payout_id(DAY, party, cpo) != payout_id(DAY, party, partner)
