"""Whatever pushes are lost, repeated, delayed or reordered: is all well after the next pull?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.session import Session
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.tariff.read import TariffUnknown, in_force
from sandbox.memory.world import PEER
from tests.properties.lossy_network import Network, Step, Story, TrueCpo, network, play

HOURS = 5
_ENDED = 100  # the latest minute at which a charge ends
_DELAYS = st.lists(st.sampled_from([0, 0, 1, 3, 20, 70, 130]), max_size=2)


def _at(start: datetime, minute: int) -> str:
    return (start + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _location(cpo: TrueCpo, name: str) -> Any:
    known = cpo.known["locations"].get("L1", {})
    connector = {
        "id": "1",
        "standard": "IEC_62196_T2_COMBO",
        "format": "CABLE",
        "power_type": "DC",
        "max_voltage": 400,
        "max_amperage": 375,
        "tariff_ids": ["T1"],
        "last_updated": "2026-01-01T00:00:00Z",
    }
    evses = [
        {
            "uid": uid,
            "evse_id": f"DE*RHE*{uid}",
            "status": "AVAILABLE",
            "connectors": [connector],
            "last_updated": "2026-01-01T00:00:00Z",
        }
        for uid in ("E1", "E2")
    ]
    place = {
        "id": "L1",
        "publish": True,
        "name": name,
        "address": "Domplatz 1",
        "city": "Köln",
        "country": "DEU",
        "coordinates": {"latitude": "50.9413", "longitude": "6.9583"},
        "time_zone": "Europe/Berlin",
        "evses": evses,
    }
    return cpo.told("locations", {**place, **known, "name": name})


def _tariff(cpo: TrueCpo, cents: int) -> Any:
    component = {"type": "ENERGY", "price": Decimal(cents) / 100, "step_size": 1, "vat": 19}
    elements = [{"price_components": [component]}]
    return cpo.told("tariffs", {"id": "T2", "currency": "EUR", "elements": elements})


def _other_tariff(cpo: TrueCpo, _: Session) -> Any:
    """One that is always there: an empty list would rather be taken for a mistake."""
    component = {"type": "TIME", "price": 3, "step_size": 1}
    elements = [{"price_components": [component]}]
    return cpo.told("tariffs", {"id": "T3", "currency": "EUR", "elements": elements})


def _session(session: Session, minute: int, energy: int, status: str) -> dict[str, Any]:
    start = session.requested_at
    return {
        "id": "S1",
        "start_date_time": _at(start, 1),
        "kwh": energy,
        "cdr_token": {"uid": session.token_uid, "type": "APP_USER", "contract_id": "C"},
        "auth_method": "COMMAND",
        "authorization_reference": session.authorization_reference,
        "location_id": "L1",
        "evse_uid": "E1",
        "connector_id": "1",
        "currency": "EUR",
        "status": status,
        **({"end_date_time": _at(start, minute)} if status == "COMPLETED" else {}),
    }


def _period(session: Session, since: int, energy: int) -> dict[str, Any]:
    dimension = {"type": "ENERGY", "volume": energy}
    return {"start_date_time": _at(session.requested_at, since), "dimensions": [dimension]}


def _put(minute: int, energy: int, status: str = "ACTIVE") -> Step:
    def step(cpo: TrueCpo, session: Session) -> Any:
        known = cpo.known["sessions"].get("S1", {})
        told = {**known, **_session(session, minute, energy, status)}
        return cpo.told("sessions", told)

    return step


def _patch(since: int, minute: int, energy: int, before: int, status: str = "ACTIVE") -> Step:
    def step(cpo: TrueCpo, session: Session) -> Any:
        change: dict[str, Any] = {"kwh": energy, "status": status}
        if status == "COMPLETED":
            change["end_date_time"] = _at(session.requested_at, minute)
        periods = [_period(session, since, energy - before)]
        return cpo.changed("sessions", "S1", change, periods)

    return step


def _cdr(id_: str, ended: int, energy: int, **more: Any) -> Step:
    def step(cpo: TrueCpo, session: Session) -> Any:
        excl = Decimal("0.49") * energy * (-1 if more.get("credit") else 1)
        told = {
            "id": id_,
            "start_date_time": _at(session.requested_at, 1),
            "end_date_time": _at(session.requested_at, ended),
            "session_id": "S1",
            "authorization_reference": session.authorization_reference,
            "cdr_token": {"uid": session.token_uid, "type": "APP_USER", "contract_id": "C"},
            "auth_method": "COMMAND",
            "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1"},
            "currency": "EUR",
            "charging_periods": [_period(session, 1, energy)],
            "total_cost": {"excl_vat": excl, "incl_vat": excl * Decimal("1.19")},
            "total_energy": energy,
            "total_time": 1,
            **more,
        }
        return cpo.told("cdrs", told)

    return step


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A charge, its CDR, perhaps a credit and another CDR; and a network that moves."""
    minutes = sorted(draw(st.sets(st.integers(3, 60), max_size=4)))
    ended, energy = draw(st.integers(61, _ENDED)), 0
    story: Story = [(0, _other_tariff), (1, _put(1, 0))]
    since = 1
    for minute in minutes:
        before, energy = energy, energy + draw(st.integers(0, 5))
        step = _patch(since, minute, energy, before)
        story.append((minute, _put(minute, energy) if draw(st.booleans()) else step))
        since = minute
    before, energy = energy, energy + draw(st.integers(0, 5))
    done = _patch(since, ended, energy, before, "COMPLETED")
    story.append((ended, _put(ended, energy, "COMPLETED") if draw(st.booleans()) else done))
    story.append((ended + draw(st.integers(1, 20)), _cdr("C1", ended, energy)))
    if energy and draw(st.booleans()):
        credit = _cdr("C1-credit", ended, energy, credit=True, credit_reference_id="C1")
        story.append((_ENDED + 30, credit))
        story.append((_ENDED + 31, _cdr("C2", ended, draw(st.integers(0, energy - 1)))))
    story.append((2, lambda cpo, _: _location(cpo, "Dom")))
    moments = sorted(draw(st.sets(st.integers(4, 150), max_size=5)))
    story.extend((minute, draw(_NETWORK)) for minute in moments)
    return sorted(story, key=lambda step: step[0])


def _of_cpo(act: Callable[[TrueCpo], Any]) -> Step:
    return lambda cpo, _: act(cpo)


_NETWORK: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda uid, status: _of_cpo(lambda cpo: cpo.evse_status("L1", uid, status)),
        st.sampled_from(["E1", "E2"]),
        st.sampled_from(["AVAILABLE", "CHARGING", "OUTOFORDER"]),
    ),
    st.sampled_from(["Dom", "Domplatz"]).map(lambda name: _of_cpo(lambda c: _location(c, name))),
    st.integers(30, 60).map(lambda cents: _of_cpo(lambda cpo: _tariff(cpo, cents))),
    st.just(_of_cpo(lambda cpo: cpo.withdrawn("T2"))),
)


@settings(max_examples=max(settings().max_examples // 5, 20))  # each plays two markets
@given(st.data())
def test_every_subset_of_pushes_ends_like_a_perfect_network(data: st.DataObject) -> None:
    story = data.draw(stories())
    method = data.draw(st.sampled_from(PaymentMethod))
    fates = [data.draw(_DELAYS, label=f"push {number}") for number, _ in enumerate(story)]
    assert _ends(story, fates, method) == _ends(story, [[0]] * len(story), method)


_CREDITED: Story = [
    (0, _other_tariff),
    (1, _put(1, 0)),
    (2, lambda cpo, _: _location(cpo, "Dom")),
    (20, _patch(1, 20, 7, 0)),
    (61, _patch(20, 61, 20, 7, "COMPLETED")),
    (65, _cdr("C1", 61, 20)),
    (66, _cdr("C1-credit", 61, 20, credit=True, credit_reference_id="C1")),
    (67, _cdr("C2", 61, 11)),
]


@pytest.mark.parametrize("method", list(PaymentMethod))
@pytest.mark.parametrize("told", [(), (7,), (6,), (6, 7), (5, 7), (1, 4), (3,), (4,)], ids=str)
def test_a_credited_charge_of_which_only_some_pushes_arrive(
    told: tuple[int, ...], method: PaymentMethod
) -> None:
    fates = [[0] if number in told else [] for number, _ in enumerate(_CREDITED)]
    end = _ends(_CREDITED, fates, method)
    assert end == _ends(_CREDITED, [[0]] * len(_CREDITED), method)
    assert end["bill"]["energy_kwh"] == "11"


_MOVING: Story = [
    (0, _other_tariff),
    (2, lambda cpo, _: _location(cpo, "Dom")),
    (5, lambda cpo, _: _tariff(cpo, 39)),
    (65, lambda cpo, _: cpo.evse_status("L1", "E1", "OUTOFORDER")),
    (70, lambda cpo, _: cpo.evse_status("L1", "E2", "CHARGING")),
    (75, lambda cpo, _: _tariff(cpo, 45)),
    (140, lambda cpo, _: cpo.withdrawn("T2")),
]
_AGAIN: Story = [*_MOVING, (145, lambda cpo, _: _tariff(cpo, 55))]
_FATES = {
    "nothing comes": [[], [], [], [], [], [], []],
    "all but the withdrawal": [[0], [0], [0], [0], [0], [0], []],
    "the first status comes last": [[0], [0], [0], [70], [0], [0], [0]],
    "the old price comes after the new one": [[0], [0], [75], [0], [0], [0], []],
    "a price comes after its withdrawal and a pull": [[0], [0], [0], [0], [0], [90], [0]],
    "all comes twice, hours apart": [[0, 130]] * 7,
}


@pytest.mark.parametrize("fates", _FATES.values(), ids=_FATES)
@pytest.mark.parametrize("story", [_MOVING, _AGAIN], ids=["withdrawn", "published again"])
def test_a_network_that_moves_while_pushes_go_astray(story: Story, fates: list[list[int]]) -> None:
    last: list[list[int]] = [[]] * (len(story) - len(fates))
    end = _ends(story, [*fates, *last], PaymentMethod.CARD)
    assert end == _ends(story, [[0]] * len(story), PaymentMethod.CARD)
    assert bool(end["tariffs"]["T2"]) == (story is _AGAIN)


def _ends(story: Story, fates: list[list[int]], method: PaymentMethod) -> dict[str, Any]:
    with network() as net:
        return _state(net, play(net, story, fates, method, HOURS))


# A card that is charged once and not charged, paid back and charged again costs fewer fees.
_FEES = ("psp_fee", "cash:stripe")


def _state(net: Network, session: Session) -> dict[str, Any]:
    """All that anybody would ask for: the map, prices, the charge, the bill, and who owns what."""
    store = net.world.ports.store
    located = store.get(keys.location(PEER, "DE", "RHE", "L1"))
    owned: dict[str, int] = {}
    for entry in net.world.everything():
        for posting in entry.postings:
            account = str(posting.account)
            owned[account] = owned.get(account, 0) + posting.money.minor
    captured, refunded = session.payment.captured, session.payment.refunded
    return {
        "location": None if located is None else from_plain(Location, located.body),
        "tariffs": {id_: _price(net, id_) for id_ in ("T1", "T2", "T3")},
        "charge": fold_partition(store, keys.charging(PEER, "DE", "RHE", "S1")),
        "state": (session.state, session.reason, session.cdr_id, session.window),
        "times": (session.started_at, session.ended_at, session.energy_kwh),
        "bill": to_plain(session.bill),
        "paid": (captured.minor if captured else 0) - (refunded.minor if refunded else 0),
        "owned": {
            account: minor
            for account, minor in owned.items()
            if minor and not account.startswith(_FEES)
        },
        "effects": [effect.kind for effect in session.effects],
    }


def _price(net: Network, tariff_id: str) -> str:
    try:
        return in_force(net.world.ports, PEER, ("DE", "RHE"), tariff_id, net.cpo.now)[0]
    except TariffUnknown:
        return ""
