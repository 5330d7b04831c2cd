"""What happens at a CPO: charges of one driver, their CDRs, and a network that moves meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.token.contract import contract_id
from tests.properties.lossy_network import Network, Step, Story
from tests.properties.true_cpo import Json, Manner, Push

MANNERS = (
    Manner("2.2.1"),
    Manner("2.3.0"),
    Manner("2.1.1"),
    Manner("2.1.1", dated=False),
    Manner("2.2.1", echoes=False),
    Manner("2.3.0", echoes=False),
    Manner("2.1.1", echoes=False),
)
_OLD = "2026-01-01T00:00:00Z"


def _at(start: datetime, minute: int) -> str:
    return (start + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def place(name: str) -> Step:
    """A location of two EVSEs, as it was but for its name."""
    connector = {
        "id": "1",
        "standard": "IEC_62196_T2_COMBO",
        "format": "CABLE",
        "power_type": "DC",
        "max_voltage": 400,
        "max_amperage": 375,
        "tariff_ids": ["T1"],
        "last_updated": _OLD,
    }
    evses = [
        {
            "uid": uid,
            "evse_id": f"DE*RHE*{uid}",
            "status": "AVAILABLE",
            "connectors": [connector],
            "last_updated": _OLD,
        }
        for uid in ("E1", "E2")
    ]
    first = {
        "id": "L1",
        "publish": True,
        "address": "Domplatz 1",
        "city": "Köln",
        "country": "DEU",
        "coordinates": {"latitude": "50.9413", "longitude": "6.9583"},
        "time_zone": "Europe/Berlin",
        "evses": evses,
    }

    def told(net: Network) -> Push:
        known = net.cpo.known["locations"].get("L1", first)
        return net.cpo.told("locations", {**known, "name": name})

    return Step(f"place {name}", told)


def status(uid: str, word: str) -> Step:
    return Step(f"{uid} {word}", lambda net: net.cpo.evse_status("L1", uid, word))


def price(cents: int) -> Step:
    tariff = _tariff("T2", "ENERGY", Decimal(cents) / 100)
    return Step(f"T2 costs {cents}", lambda net: net.cpo.told("tariffs", tariff))


def _tariff(id_: str, type_: str, amount: Decimal) -> Json:
    component = {"type": type_, "price": amount, "step_size": 1, "vat": 19}
    return {"id": id_, "currency": "EUR", "elements": [{"price_components": [component]}]}


WITHDRAWAL = Step("T2 is withdrawn", lambda net: net.cpo.withdrawn("T2"))
# One that is always there: an empty list would rather be taken for a mistake.
_OTHER = _tariff("T3", "TIME", Decimal(3))
OTHER_PRICE = Step("T3 is published", lambda net: net.cpo.told("tariffs", _OTHER))


@dataclass(frozen=True)
class Charge:
    """A charge of the driver. It begins in the minute after its start; other minutes count from
    the story's beginning.
    """

    number: int = 0
    begins: int = 0
    evse_uid: str = "E1"

    @property
    def id(self) -> str:
        return f"S{self.number + 1}"

    @property
    def start(self) -> Step:
        return Step(f"{self.id} is asked for", lambda net: net.start(self.evse_uid))

    def put(self, minute: int, energy: int, word: str = "ACTIVE") -> Step:
        def push(net: Network) -> Push:
            told = {
                "id": self.id,
                "start_date_time": _at(net.begun, self.begins + 1),
                "kwh": energy,
                "auth_method": "COMMAND",
                **self._driver(net),
                "location_id": "L1",
                "evse_uid": self.evse_uid,
                "connector_id": "1",
                "currency": "EUR",
                "status": word,
            }
            if word == "COMPLETED":
                told["end_date_time"] = _at(net.begun, minute)
            return net.cpo.told("sessions", {**net.cpo.known["sessions"].get(self.id, {}), **told})

        return Step(f"{self.id} PUT {energy} kWh {word}", push)

    def patch(
        self, since: int, minute: int, energy: int, before: int, word: str = "ACTIVE"
    ) -> Step:
        def push(net: Network) -> Push:
            change: Json = {"kwh": energy, "status": word}
            if word == "COMPLETED":
                change["end_date_time"] = _at(net.begun, minute)
            periods = [_period(net, since, energy - before)]
            return net.cpo.changed("sessions", self.id, change, periods)

        return Step(f"{self.id} PATCH {energy} kWh since {since} {word}", push)

    def cdr(self, id_: str, ended: int, energy: int, credits_: str = "") -> Step:
        def push(net: Network) -> Push:
            excl = Decimal("0.49") * energy * (-1 if credits_ else 1)
            told = {
                "id": id_,
                "start_date_time": _at(net.begun, self.begins + 1),
                "end_date_time": _at(net.begun, ended),
                "session_id": self.id,
                "auth_method": "COMMAND",
                **self._driver(net),
                "cdr_location": {"id": "L1", "evse_uid": self.evse_uid, "connector_id": "1"},
                "currency": "EUR",
                "tariffs": [],
                "charging_periods": [_period(net, self.begins + 1, energy)],
                "total_cost": {"excl_vat": excl, "incl_vat": excl * Decimal("1.19")},
                "total_energy": energy,
                "total_time": 1,
            }
            if credits_:
                told |= {"credit": True, "credit_reference_id": credits_}
            return net.cpo.told("cdrs", told)

        return Step(f"{id_} of {self.id}: {energy} kWh {credits_}", push)

    def _driver(self, net: Network) -> Json:
        """By whom it is: 2.1.1 has no other room for our reference than the contract's."""
        session, manner = net.started[self.number], net.cpo.manner
        contract, echoed = contract_id(session.token_uid), session.authorization_reference
        if manner.version == "2.1.1" and manner.echoes:
            contract = echoed
        token = {"uid": session.token_uid, "type": "APP_USER", "contract_id": contract}
        return {
            "cdr_token": token,
            **({"authorization_reference": echoed} if manner.echoes else {}),
        }


def _period(net: Network, since: int, energy: int) -> dict[str, Any]:
    dimension = {"type": "ENERGY", "volume": energy}
    return {"start_date_time": _at(net.begun, since), "dimensions": [dimension]}


_MOVES: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        status,
        st.sampled_from(["E1", "E2"]),
        st.sampled_from(["AVAILABLE", "CHARGING", "OUTOFORDER"]),
    ),
    st.sampled_from(["Dom", "Domplatz"]).map(place),
    st.integers(30, 60).map(price),
    st.just(WITHDRAWAL),
)


# Minutes between two things: often none, so that they have one `last_updated`.
_GAPS = st.sampled_from([0, 0, 1, 4, 18])


@st.composite
def charges(draw: st.DrawFn, charge: Charge, manner: Manner) -> tuple[int, list[tuple[int, Step]]]:
    """When it ends; and a start, reports, an end, a CDR, and perhaps a credit and another CDR."""
    minute = since = charge.begins + 1
    story = [(charge.begins, charge.start), (minute, charge.put(minute, 0))]
    energy, more = 0, draw(st.lists(st.booleans(), min_size=1, max_size=5))
    for number, whole in enumerate(more, start=1):
        word = "COMPLETED" if number == len(more) else "ACTIVE"
        before, energy = energy, energy + draw(st.integers(0, 5))
        minute += draw(_GAPS)
        patch = charge.patch(since, minute, energy, before, word)
        story.append((minute, charge.put(minute, energy, word) if whole else patch))
        since = minute
    ended, billed, name = minute, minute + draw(_GAPS), f"C{charge.number + 1}"
    story.append((billed, charge.cdr(name, ended, energy)))
    if manner.version != "2.1.1" and energy and draw(st.booleans()):  # 2.1.1 has no credit
        credited = billed + draw(_GAPS)
        anew = charge.cdr(f"{name}-2", ended, draw(st.integers(0, energy - 1)))
        story.append((credited, charge.cdr(f"{name}-credit", ended, energy, credits_=name)))
        story.append((credited + draw(_GAPS), anew))
    return ended, story


@st.composite
def stories(draw: st.DrawFn, manner: Manner) -> Story:
    """One charge or two of a driver, and a network that moves. What is of one minute has one
    `last_updated`.
    """
    story = [(0, OTHER_PRICE), (0, place("Dom"))]
    ended, first = draw(charges(Charge(), manner))
    story += first
    if draw(st.booleans()):
        apart = draw(st.booleans())
        begins = draw(_GAPS) + (0 if apart else ended + 1)
        second = Charge(1, begins, "E2" if apart else "E1")
        story += draw(charges(second, manner))[1]
    minute = 0
    for gap, move in draw(st.lists(st.tuples(_GAPS, _MOVES), max_size=6)):
        minute += gap
        story.append((minute, move))
    return tuple(sorted(story, key=lambda step: step[0]))
