"""Whatever pushes are lost, repeated, delayed or reordered: is all well after the next pull?

One pull, not several: the state after it is that of a network that loses nothing. What arrives
later still is an old word: bills and charges stay as they are, and after the pull that follows all
is as if it had never come.

Where a CPO does not echo our reference, sweeps have their part: they find whose a session is within
minutes of its start, and a CDR that came before that comes with the pull behind it. In 2.1.1 a CDR
does not name its session either, and is looked for from an hour after the end.
"""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.session.session import Session
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.tariff.read import TariffUnknown, in_force
from sandbox.memory.world import PEER
from tests.properties.charging_stories import (
    MANNERS,
    OTHER_PRICE,
    WITHDRAWAL,
    Charge,
    place,
    price,
    status,
    stories,
)
from tests.properties.lossy_network import Fates, Network, Play, Story, network
from tests.properties.true_cpo import Manner

_LATEST = 200  # minutes that a push takes
_DELAYS = st.lists(st.sampled_from([0, 0, 1, 4, 20, 70, _LATEST]), max_size=2)
_LOOKED_FOR = 75  # minutes in which the sweeper has asked for a CDR that nothing names
Pulls = tuple[tuple[int, int], ...]
State = dict[str, Any]


@settings(max_examples=max(settings().max_examples * 3 // 5, 20))  # each plays two markets
@given(st.data())
def test_every_subset_of_pushes_ends_like_a_perfect_network(data: st.DataObject) -> None:
    manner = data.draw(st.sampled_from(MANNERS))
    story = data.draw(stories(manner))
    method = data.draw(st.sampled_from(PaymentMethod))
    fates = tuple(tuple(data.draw(_DELAYS, label=step.name)) for _, step in story)
    pulled = st.tuples(st.integers(0, story[-1][0]), st.integers(0, 1))
    pulls = tuple(data.draw(st.lists(pulled, max_size=2)))
    _converges(manner, method, story, fates, pulls, data.draw(st.integers(0, 40)))


_CHARGE = Charge()
_CREDITED: Story = (
    (0, OTHER_PRICE),
    (0, place("Dom")),
    (0, _CHARGE.start),
    (1, _CHARGE.put(1, 0)),
    (20, _CHARGE.patch(1, 20, 7, 0)),
    (61, _CHARGE.patch(20, 61, 20, 7, "COMPLETED")),
    (65, _CHARGE.cdr("C1", 61, 20)),
    (65, _CHARGE.cdr("C1-credit", 61, 20, credits_="C1")),
    (65, _CHARGE.cdr("C2", 61, 11)),
)


@pytest.mark.parametrize("method", list(PaymentMethod))
@pytest.mark.parametrize("told", [(), (8,), (7,), (7, 8), (6, 8), (3, 5), (4,), (5,)], ids=str)
def test_a_credited_charge_of_which_only_some_pushes_arrive(
    told: tuple[int, ...], method: PaymentMethod
) -> None:
    fates = tuple((0,) if number in told else () for number, _ in enumerate(_CREDITED))
    end = _converges(Manner(), method, _CREDITED, fates)
    assert end["sessions"][0]["bill"]["energy_kwh"] == "11"


_MOVING: Story = (
    (0, OTHER_PRICE),
    (2, place("Dom")),
    (5, price(39)),
    (65, status("E1", "OUTOFORDER")),
    (70, status("E2", "CHARGING")),
    (70, status("E2", "AVAILABLE")),
    (75, price(45)),
    (140, WITHDRAWAL),
)
_AGAIN: Story = (*_MOVING, (145, price(55)))
_FATES: dict[str, Fates] = {
    "nothing comes": ((), (), (), (), (), (), (), ()),
    "all but the withdrawal": ((0,), (0,), (0,), (0,), (0,), (0,), (0,), ()),
    "the first status comes last": ((0,), (0,), (0,), (0,), (70,), (0,), (0,), (0,)),
    "a status comes after the pull": ((0,), (0,), (0,), (200,), (200,), (0,), (0,), (0,)),
    "the old price comes after the new one": ((0,), (0,), (75,), (0,), (0,), (0,), (0,), ()),
    "a price comes after its withdrawal": ((0,), (0,), (0,), (0,), (0,), (0,), (90,), (0,)),
    "all comes twice, hours apart": ((0, 130),) * 8,
}


@pytest.mark.parametrize("manner", [MANNERS[0], Manner("2.1.1", dated=False)], ids=str)
@pytest.mark.parametrize("fates", _FATES.values(), ids=_FATES)
@pytest.mark.parametrize("story", [_MOVING, _AGAIN], ids=["withdrawn", "published again"])
def test_a_network_that_moves_while_pushes_go_astray(
    story: Story, fates: Fates, manner: Manner
) -> None:
    fates += ((),) * (len(story) - len(fates))
    end = _converges(manner, PaymentMethod.CARD, story, fates)
    assert bool(end["tariffs"]["T2"]) == (story is _AGAIN)


def _converges(
    manner: Manner,
    method: PaymentMethod,
    story: Story,
    fates: Fates,
    pulls: Pulls = (),
    rest: int = 10,
) -> State:
    """The end of the story, after having compared it; `rest` minutes after it, it is pulled."""
    found = _ends(manner, method, story, fates, pulls, rest)
    assert found == _perfect(manner, method, story, pulls, rest)
    return found[-1]


@cache
def _perfect(
    manner: Manner, method: PaymentMethod, story: Story, pulls: Pulls, rest: int
) -> tuple[State, ...]:
    return _ends(manner, method, story, ((0,),) * len(story), pulls, rest)


def _ends(
    manner: Manner, method: PaymentMethod, story: Story, fates: Fates, pulls: Pulls, rest: int
) -> tuple[State, ...]:
    """After the one pull, after what came later, and after the pull that follows."""
    last = story[-1][0]
    with network(manner, method) as net:
        play = Play(net, story, fates, pulls)
        play.until(last + rest)
        net.pull()
        pulled = _state(net)
        if manner.version == "2.1.1" and not manner.echoes:
            play.until(last + rest + _LOOKED_FOR)
            pulled |= _billed(net)
        play.until(last + _LATEST)
        later = {"charges": _charges(net), **_billed(net)} if manner.echoes else {}
        net.pull()
        waiting = [[effect.kind for effect in session.effects] for session in net.sessions]
        return pulled, later, {**_state(net), "waiting": waiting}


# A card that is charged once and not charged, paid back and charged again costs fewer fees.
_FEES = ("psp_fee", "cash:stripe")


def _state(net: Network) -> State:
    """All that anybody would ask for: the map, prices, charges, bills, and who owns what."""
    return {
        "location": location_of(net.world.ports, PEER, "DE", "RHE", "L1"),
        "tariffs": {id_: _price(net, id_) for id_ in ("T1", "T2", "T3")},
        "charges": _charges(net),
        **_billed(net),
    }


def _billed(net: Network) -> State:
    owned: dict[str, int] = {}
    for entry in net.world.everything():
        for posting in entry.postings:
            account = str(posting.account)
            owned[account] = owned.get(account, 0) + posting.money.minor
    return {
        "sessions": [_bill(session) for session in net.sessions],
        "owned": {
            account: minor
            for account, minor in owned.items()
            if minor and not account.startswith(_FEES)
        },
    }


def _charges(net: Network) -> list[Any]:
    parts = (keys.charging(PEER, "DE", "RHE", id_) for id_ in ("S1", "S2"))
    return [fold_partition(net.world.ports.store, part) for part in parts]


def _bill(session: Session) -> State:
    captured, refunded = session.payment.captured, session.payment.refunded
    return {
        "state": (session.state, session.reason, session.cdr_id, session.window),
        "times": (session.started_at, session.ended_at, session.energy_kwh),
        "bill": to_plain(session.bill),
        "paid": (captured.minor if captured else 0) - (refunded.minor if refunded else 0),
    }


def _price(net: Network, tariff_id: str) -> str:
    try:
        return in_force(net.world.ports, PEER, ("DE", "RHE"), tariff_id, net.cpo.now)[0]
    except TariffUnknown:
        return ""
