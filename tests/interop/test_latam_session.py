"""Does a session live its whole life with a 2.3.0 client that we did not write?

latam-evra-ocpi is made for one hub. What is put around it (peers/latam_elsewhere.py) finds our
endpoints and adds the members that OCPI has and its shapes lack; every body is written, and every
answer read, by the library.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.window import window_id
from chalicelib.usecases.session.stop import stop
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR, ZONE
from tests.interop import driver, told
from tests.interop.latam_rig import PARTY, VERSION, Client, latam

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
WHERE = (PARTY["country_code"], PARTY["party_id"])


@pytest.fixture
def cpo() -> Iterator[Client]:
    with latam(elsewhere=True) as client:
        yield client


def model(name: str, value: Any) -> dict[str, Any]:
    return {"model": name, "value": {**value, **PARTY}}


def publish(cpo: Client, token: str) -> None:
    tariff, place = told.tariff(VERSION), told.location(VERSION)
    kept = cpo.value("put_tariff", token, *WHERE, "T1", model("Tariff", tariff))
    assert kept["elements"][0]["price_components"][0]["price"] == told.PRICE
    kept = cpo.value("put_location", token, *WHERE, "LOC1", model("DatedLocation", place))
    assert kept["evses"][0]["status"] == "AVAILABLE"


def session(cpo: Client, status: str, kwh: int, at: str) -> dict[str, Any]:
    """As its charger tells it of the one START_SESSION that came."""
    (start, *_) = (body for kind, body in cpo.commands if kind == "START_SESSION")
    reference = start["authorization_reference"]
    return model("Session", told.session(VERSION, start["token"], reference, status, kwh, at))


def stop_it(cpo: Client, token: str) -> None:
    """The driver's partner asks; the charger's end follows."""
    stop(cpo.world.ports, driver.PARTNER, driver.session(cpo.world).id)
    cpo.world.settle()
    kind, stopped = cpo.commands[-1]
    assert (kind, stopped["session_id"]) == ("STOP_SESSION", "SES1")
    assert cpo.value("tell_result", stopped["response_url"], token, "ACCEPTED") == 1000
    cpo.world.ports.clock.at = datetime.fromisoformat(told.END)
    done = session(cpo, "COMPLETED", told.KWH, told.END)
    cpo.value("put_session", token, *WHERE, "SES1", done)
    assert driver.session(cpo.world).state is SessionState.ENDED


def test_what_it_publishes_is_offered_to_drivers(cpo: Client) -> None:
    token = cpo.find()
    publish(cpo, token)
    evse = driver.found(cpo.world).location.evses[0]
    assert (evse.status, evse.connectors[0].max_power_w) == (EvseStatus.AVAILABLE, 120_000)
    later = "2026-11-20T07:30:00Z"
    evse_told = {**told.location(VERSION)["evses"][0], "status": "CHARGING", "last_updated": later}
    change = {"evses": [evse_told], "last_updated": later}
    kept = cpo.value("patch_location", token, *WHERE, "LOC1", change)
    assert kept["evses"][0]["status"] == "CHARGING"
    assert driver.found(cpo.world).location.evses[0].status is EvseStatus.CHARGING
    assert cpo.call("delete_tariff", token, *WHERE, "T1") == {"value": None}


def test_it_asks_whether_the_driver_may_charge(cpo: Client) -> None:
    token = cpo.find()
    publish(cpo, token)
    uid, here = driver.token(cpo.world).uid, {"location_id": "LOC1", "evse_uids": ["EVSE1"]}
    listed = cpo.value("get_tokens", token)["tokens"]
    assert [one["uid"] for one in listed] == [uid]
    asked = (token, listed[0]["country_code"], listed[0]["party_id"], uid)
    answer = cpo.value("authorize_token", *asked, here)
    assert answer == {"allowed": "NOT_ALLOWED"}  # nobody would pay
    driver.begin(cpo.world)
    assert cpo.value("authorize_token", *asked, here) == {"allowed": "ALLOWED"}


def test_a_session_is_started_followed_stopped_billed_and_settled(cpo: Client) -> None:
    settled, token = SettledWorld(cpo.world), cpo.find()
    publish(cpo, token)
    assert driver.begin(cpo.world).state is SessionState.STARTING
    ((kind, start),) = cpo.commands
    assert (kind, start["location_id"], start["evse_uid"]) == ("START_SESSION", "LOC1", "EVSE1")
    assert cpo.value("tell_result", start["response_url"], token, "ACCEPTED") == 1000

    clock, at = cpo.world.ports.clock, "2026-11-20T08:02:00Z"
    clock.at = datetime.fromisoformat(at)
    cpo.value("put_session", token, *WHERE, "SES1", session(cpo, "ACTIVE", 0, at))
    assert driver.session(cpo.world).state is SessionState.CHARGING
    clock.at = datetime.fromisoformat("2026-11-20T08:20:00Z")
    change = {"kwh": 11, "last_updated": "2026-11-20T08:20:00Z"}
    assert cpo.value("patch_session", token, *WHERE, "SES1", change)["kwh"] == 11

    stop_it(cpo, token)
    cdr = told.cdr(VERSION, start["token"], start["authorization_reference"])
    kept = cpo.value("post_cdr", token, *WHERE, "CDR1", model("Cdr", cdr))
    assert kept["total_energy"] == told.KWH
    bill = driver.session(cpo.world).bill
    assert bill is not None
    assert bill.gross == Money(1166, EUR)  # 20 kWh at 0.49 and 19 % VAT
    settled.settle_day(window_id(datetime.fromisoformat(told.END), ZONE))
    paid = {one.party_id: (one.stage, one.money) for one in settled.payouts()}
    assert paid[CPO] == (PayoutStage.ACCEPTED, Money(1073, EUR))  # 9.80 less 8 %, and its VAT
