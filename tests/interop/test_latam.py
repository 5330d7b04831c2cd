"""Does a 2.3.0 client that we did not write register with us, read our tokens and leave?

It is made for one hub, and departs from the specification elsewhere: here it calls us as it calls
its hub, and each departure is refused in a way that it reads, as docs/ocpi.md tells. A whole
session is played in test_latam_session.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.connection.connection import ConnectionState
from tests.interop import driver, told
from tests.interop.latam_rig import PARTY, ROLES, VERSION, Client, latam

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
WHERE = (PARTY["country_code"], PARTY["party_id"])
DOCS = Path(__file__).parents[2] / "docs" / "ocpi.md"


@pytest.fixture
def client() -> Iterator[Client]:
    with latam(elsewhere=False) as made:
        yield made


def test_it_registers_with_a_raw_token_and_leaves(client: Client) -> None:
    registered = client.register()
    assert registered["value"]["token"] != client.invitation.token
    assert registered["value"]["roles"][0]["role"] == "EMSP"
    assert client.connection.state is ConnectionState.REGISTERED
    assert client.connection.version == VERSION
    assert client.call("terminate_credentials", registered["value"]["token"]) == {"value": None}
    assert client.connection.state is not ConnectionState.REGISTERED


def test_it_reads_our_tokens(client: Client) -> None:
    token = client.register()["value"]["token"]
    driver.token(client.world)
    listed = client.call("get_tokens", token)
    assert listed["value"]["total"] == 1
    (one,) = listed["value"]["tokens"]
    assert (one["country_code"], one["party_id"], one["valid"]) == ("DE", "PLG", True)


@pytest.mark.parametrize(
    ("call", "args"),
    [
        ("get_tokens", ["wrong"]),
        ("register_credentials", ["wrong", "http://127.0.0.1:9/v", ROLES]),
    ],
)
def test_it_reads_why_its_token_is_refused(client: Client, call: str, args: list[Any]) -> None:
    answer = client.call(call, *args)
    assert (answer["http"], answer["status"]) == (401, 2000)
    assert answer["message"].startswith("unauthenticated")
    assert client.connection.state is ConnectionState.INVITED


def model(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"model": name, "value": {**value, **PARTY}}


PLACE, TARIFF = told.location(VERSION), told.tariff(VERSION)
TOKEN = {"uid": "T", "type": "RFID", "contract_id": "C", **PARTY}
SESSION = told.session(VERSION, TOKEN, "ses_1", "ACTIVE", 1, told.END)
CDR = told.cdr(VERSION, TOKEN, "ses_1")
REFUSED: dict[str, tuple[str, list[Any], int, int, str]] = {
    "it renews with an empty body": ("renew_credentials", [], 400, 2001, "malformed_json"),
    "its Location names no owner": (
        "put_location",
        [*WHERE, "LOC1", model("LocationInput", PLACE)],
        *(200, 2001, "invalid (country_code)"),
    ),
    "its Location has no time zone": (
        "put_location",
        [*WHERE, "LOC1", model("Location", PLACE)],
        *(200, 2001, "invalid (time_zone)"),
    ),
    "its Session has no date": (
        "put_session",
        [*WHERE, "SES1", model("SessionInput", SESSION)],
        *(200, 2001, "invalid (last_updated)"),
    ),
    "its CDR has a URL of its own": (
        "post_cdr",
        [*WHERE, "CDR1", model("CdrInput", CDR)],
        *(405, 2000, "method_not_allowed"),
    ),
}


def test_it_reads_why_what_departs_from_ocpi_is_refused(client: Client) -> None:
    token = client.register()["value"]["token"]
    before, documented = client.world.ports.store.dump(), DOCS.read_text()
    for departure, (call, args, http, status, code) in REFUSED.items():
        answer = client.call(call, token, *args)
        assert (answer["http"], answer["status"]) == (http, status), departure
        assert answer["message"].startswith(code), departure
        assert f"`{code}`" in documented
    assert client.world.ports.store.dump() == before


def test_its_hubs_own_paths_are_nowhere_here(client: Client) -> None:
    token = client.register()["value"]["token"]
    mine = [token, *WHERE, "T"]
    calls = {"get_versions": [], "get_details": [], "authorize_token": mine}
    for call, args in calls.items():
        answer = client.call(call, *args)
        assert (answer["http"], answer["status"]) == (403, 3000)  # what it makes of no envelope


def test_a_tariff_that_lacks_what_can_be_guessed_is_taken(client: Client) -> None:
    token = client.register()["value"]["token"]
    answer = client.call("put_tariff", token, *WHERE, "T1", model("Tariff", TARIFF))
    assert answer == {"unreadable": "'data'"}  # its hub answers the object, OCPI none
    kept = client.call("get_tariff", token, *WHERE, "T1")["value"]
    assert kept["elements"][0]["price_components"][0]["price"] == told.PRICE
    (notes,) = [
        body["mended"] for body in client.world.ports.store.dump().values() if "mended" in body
    ]
    assert [note.split()[0] for note in notes] == ["last_updated_missing", "tax_included_missing"]
