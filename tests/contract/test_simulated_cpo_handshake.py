"""Does the simulated CPO register as OCPI 2.2.1 prescribes, in both directions?"""

from collections.abc import Iterator

import pytest

from tests.contract.recording_emsp import BASE, EMSP, TOKEN_A, World, credentials, endpoint, token


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def test_token_a_opens_versions_details_and_credentials_only(world: World) -> None:
    for path in ("/versions", "", "/credentials"):
        assert world.ocpi("GET", path, shown=TOKEN_A).status_code == 200
    assert world.ocpi("GET", "/locations", shown=TOKEN_A).status_code == 401


def test_an_unknown_token_is_answered_401_in_ocpis_form(world: World) -> None:
    answer = world.ocpi("GET", "/versions", shown="nobody")
    assert answer.status_code == 401
    assert answer.json()["status_code"] == 2000


def test_a_registration_answers_token_c_and_kills_token_a(world: World) -> None:
    world.register()
    assert world.token_c not in {"", TOKEN_A}
    assert world.ocpi("GET", "/versions", shown=TOKEN_A).status_code == 401
    assert world.ocpi("GET", "/locations").status_code == 200
    assert world.complaints == []


def test_during_a_registration_the_cpo_fetches_our_versions_with_token_b(world: World) -> None:
    world.ocpi("POST", "/credentials", credentials("token-b"), TOKEN_A)
    assert [path for _, path, _ in world.emsp.received] == ["/versions", "/2.2.1"]
    shown = {headers["Authorization"] for headers in world.emsp.headers}
    assert shown == {token("token-b")}
    assert not any("ocpi-to-party-id" in headers for headers in world.emsp.headers)


def test_who_is_registered_puts_and_who_is_not_posts(world: World) -> None:
    assert world.ocpi("PUT", "/credentials", credentials("b"), TOKEN_A).status_code == 405
    assert world.ocpi("DELETE", "/credentials", shown=TOKEN_A).status_code == 405
    world.register()
    assert world.ocpi("POST", "/credentials", credentials("b")).status_code == 405


def test_a_put_changes_both_tokens(world: World) -> None:
    world.register()
    before = world.token_c
    answer = world.ocpi("PUT", "/credentials", credentials("token-d")).json()
    world.token_c = answer["data"]["token"]
    assert world.ocpi("GET", "/versions", shown=before).status_code == 401
    assert world.ocpi("GET", "/versions").status_code == 200


def test_a_delete_ends_the_registration(world: World) -> None:
    world.register()
    assert world.ocpi("DELETE", "/credentials").status_code == 200
    assert world.ocpi("GET", "/versions").status_code == 401
    assert not world.sim("GET", "state")["connected"]


def test_a_silent_versions_endpoint_is_3001(world: World) -> None:
    world.emsp.broken = "/versions"
    answer = world.ocpi("POST", "/credentials", credentials("b"), TOKEN_A)
    assert (answer.status_code, answer.json()["status_code"]) == (200, 3001)
    assert world.ocpi("GET", "/versions", shown=TOKEN_A).status_code == 200, "token A still lives"


def test_missing_endpoints_are_3003(world: World) -> None:
    world.emsp.endpoints = [endpoint("credentials", "SENDER")]
    answer = world.ocpi("POST", "/credentials", credentials("b"), TOKEN_A)
    assert answer.json()["status_code"] == 3003


def test_credentials_without_roles_are_2001_and_malformed_ones_400(world: World) -> None:
    answer = world.ocpi("POST", "/credentials", {"token": "b", "url": EMSP}, TOKEN_A)
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2001)
    headers = {"Authorization": token(TOKEN_A)}
    bad = world.request("POST", f"{BASE}/credentials", content=b"{", headers=headers)
    assert bad.status_code == 400


def test_the_cpo_can_register_at_us_too(world: World) -> None:
    body = {"versions_url": f"{EMSP}/versions", "token": "our-token-a", "url": "http://cpo/v"}
    assert world.sim("POST", "connect", body)["connected"]
    told = world.emsp.bodies("POST", "credentials")[0]
    assert (told["url"], told["roles"][0]["role"]) == ("http://cpo/v", "CPO")
    world.token_c = told["token"]
    assert world.ocpi("GET", "/locations").status_code == 200
    world.sim("POST", "pull-tokens", {})
    assert world.emsp.headers[-1]["Authorization"] == token("token-c")
    assert world.sim("GET", "state")["tokens"] == 1


def test_a_raw_token_is_understood_and_complained_about(world: World) -> None:
    world.register()
    headers = {"Authorization": f"Token {world.token_c}"}
    assert world.request("GET", f"{BASE}/locations", headers=headers).status_code == 200
    told = " ".join(world.complaints)
    assert "not Base64" in told
    assert "X-Request-ID" in told
    assert "OCPI-to-party-id" in told
