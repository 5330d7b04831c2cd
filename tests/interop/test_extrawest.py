"""Do we and a CPO whose software we did not write find each other, and learn what each has?

It serves what we pull and pushes by its own client; whoever began, either may renew or leave.
"""

import pytest

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.network.location import EvseStatus
from chalicelib.usecases.connection.close import leave
from chalicelib.usecases.connection.invite import Invitation
from chalicelib.usecases.connection.renew import renew
from tests.interop import told
from tests.interop.extrawest_rig import Met

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
LATER = "2026-11-20T07:30:00Z"


def test_we_register_with_it_and_pull_what_it_publishes(met: Met) -> None:
    assert met.now.state is ConnectionState.REGISTERED
    assert met.now.version == met.version
    met.pull()
    evse = met.found().location.evses[0]
    assert (evse.status, evse.connectors[0].max_power_w) == (EvseStatus.AVAILABLE, 120_000)


def test_it_registers_with_us_and_is_pulled(invited: tuple[Met, Invitation]) -> None:
    met, invitation = invited
    url, token = invitation.versions_url, invitation.token
    answer = met.peer.sim("credentials", method="POST", url=url, token=token)
    assert (answer["http"], answer["status"]) == (200, 1000)
    assert answer["value"]["token"] != token
    assert met.now.state is ConnectionState.REGISTERED
    assert (met.now.version, met.now.raw_token) == (met.version, met.version == "2.1.1")
    met.pull()
    assert met.found().location.evses[0].uid.upper() == "EVSE1"
    assert met.push("tariffs", "T1", told.tariff(met.version, 0.59, LATER)) == 200
    again = met.peer.sim("credentials", method="POST", url=url)
    assert (again["http"], again["status"]) == (405, 2000)  # it is registered


def test_either_side_renews_its_credentials_and_leaves(met: Met) -> None:
    url = f"{met.channel.ports.public_url}/ocpi/versions"
    before = met.peer.state()["client"]["token"]
    answer = met.peer.sim("credentials", method="PUT", url=url)
    assert (answer["status"], answer["value"]["token"] == before) == (1000, False)
    renewed = renew(met.world.ports, met.connection.id)
    state = met.peer.state()
    assert state["client"]["token"] not in {before, answer["value"]["token"]}
    assert renewed.version == met.version
    met.pull()
    assert met.ask("GET", "tokens", reads="Token")["status"] == 1000
    assert met.ask("DELETE", "credentials")["status"] == 1000
    assert met.now.state is not ConnectionState.REGISTERED
    assert met.ask("GET", "tokens")["http"] == 401


def test_we_leave_and_it_forgets_us(met: Met) -> None:
    assert leave(met.world.ports, met.connection.id)
    state = met.peer.state()
    assert (state["client"], state["token_c"]) == ({}, "")


def test_what_it_pushes_is_taken(met: Met) -> None:
    met.pull()
    assert met.push("locations", "LOC1", told.location(met.version, "CHARGING", LATER)) == 200
    assert met.found().location.evses[0].status is EvseStatus.CHARGING
    assert met.push("tariffs", "T1", told.tariff(met.version, 0.59, LATER)) == 200
    kept = met.ask("GET", "tariffs", "DE/EXW/T1", reads="Tariff")["value"]
    assert kept["elements"][0]["price_components"][0]["price"] == 0.59


def test_the_status_of_one_charger_is_patched_in_its_shape(met: Met) -> None:
    met.pull()
    body = {"status": "OUTOFORDER", "last_updated": LATER}
    change = {"sends": "EVSEPartialUpdate", "body": body}
    assert met.ask("PATCH", "locations", "DE/EXW/LOC1/EVSE1", **change)["status"] == 1000
    assert met.found().location.evses[0].status is EvseStatus.OUTOFORDER
    kept = met.ask("GET", "locations", "DE/EXW/LOC1/EVSE1", reads="EVSE")["value"]
    assert kept["status"] == "OUTOFORDER"
