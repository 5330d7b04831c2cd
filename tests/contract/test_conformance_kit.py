"""Does the kit pass a CPO that keeps to OCPI, and name what one does wrong?"""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from chalicelib.ocpi.language import VERSIONS
from sandbox.__main__ import main
from sandbox.conformance import entrance
from sandbox.conformance.finding import Report
from sandbox.peers.cpo.server import application
from tests.contract.answering import Answer, Asked
from tests.contract.conformance_rig import KIT, Change, cpo, edit, examined, headers, spoiled
from tests.contract.ocpi_rig import CONFIG, served
from tests.contract.recording_emsp import TOKEN_A

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cpo_that_keeps_to_the_specification_fails_nothing(tmp_path: Path, version: str) -> None:
    with cpo(versions=[version]) as url:
        status, checks = examined(tmp_path, url, "--register", KIT)
    assert {
        name: one["details"] for name, one in checks.items() if one["outcome"] == "failed"
    } == {}
    assert status == 0
    for name in (
        "credentials are exchanged",
        "the invitation's token is dead afterwards",
        "credentials can be changed",
        "the token before it is dead afterwards",
        "locations: the list is read in our pull's time",
        "locations: every object can be read",
        "every connector has a published tariff",
        "who left is refused",
    ):
        assert checks[name]["outcome"] == "passed", checks[name]


def test_who_cannot_get_in_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, checks = examined(tmp_path, "http://127.0.0.1:9/versions")
    assert status == 2
    assert checks["versions are listed"]["outcome"] == "failed"
    assert "ConnectionRefused" in capsys.readouterr().out or "NewConnectionError" in str(checks)


def test_what_is_no_url_is_refused_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ocpi-check", "nonsense", "--token", "T"])
    assert "argument URL: 'nonsense' is no URL" in capsys.readouterr().err


def let_in(_: Asked, answer: Answer) -> Answer:
    status, sent, content = answer
    return (200 if status == 401 else status), sent, content


def no_tariffs(body: dict[str, Any]) -> None:
    body["data"] = []


def no_address(body: dict[str, Any]) -> None:
    if isinstance(body.get("data"), list):
        for one in body["data"]:
            one.pop("address", None)


def text_prices(body: dict[str, Any]) -> None:
    for one in body["data"]:
        one["elements"][0]["price_components"][0]["price"] = "0.49"


def only_raw(asked: Asked, answer: Answer) -> Answer:
    """A CPO that does not know Base64: to it that is another token."""
    shown = asked.headers.get("Authorization", "").removeprefix("Token ")
    encoded = b64encode(TOKEN_A.encode()).decode()
    return (401, {}, b"") if shown == encoded else answer


def old_ones(body: dict[str, Any]) -> None:
    """Whatever span it is asked for."""
    body["data"] = [{"id": "L0", "last_updated": "2020-01-01T00:00:00Z"}]


def no_put(asked: Asked, answer: Answer) -> Answer:
    return (405, {}, b"{}") if asked.method == "PUT" else answer


def same_token(asked: Asked, answer: Answer) -> Answer:
    """Its credentials hold the token that we have shown, whatever it has noted."""
    if "/credentials" not in asked.path or asked.method != "PUT" or answer[0] != 200:
        return answer
    body = json.loads(answer[2])
    shown = asked.headers["Authorization"].removeprefix("Token ")
    body["data"]["token"] = b64decode(shown).decode()
    return answer[0], answer[1], json.dumps(body).encode()


def no_cdrs(body: dict[str, Any]) -> None:
    data = body["data"]
    if isinstance(data, dict):
        data["endpoints"] = [one for one in data["endpoints"] if one["identifier"] != "cdrs"]


def no_commands(body: dict[str, Any]) -> None:
    data = body["data"]
    if isinstance(data, dict):
        data["endpoints"] = [one for one in data["endpoints"] if one["identifier"] != "commands"]


@pytest.mark.parametrize(
    ("change", "check", "outcome"),
    [
        (let_in, "an unknown token is refused", "failed"),
        (headers(x_request_id=None), "message ids come back", "mended"),
        (headers(x_total_count=None), "locations: the list is read to its end", "mended"),
        (headers(link=None), "locations: limit and Link are kept to", "failed"),
        (headers(link='<http://127.0.0.2/x>; rel="next"'), "locations: the list is read to its end",
         "failed"),
        (edit("/tariffs", no_tariffs), "every connector has a published tariff", "failed"),
        (edit("/locations", no_address), "locations: every object can be read", "failed"),
        (edit("/tariffs", text_prices), "tariffs: every object can be read", "mended"),
        (edit("/2.2.1", no_commands), "every module that we need has an endpoint", "mended"),
        (edit("/2.2.1", no_cdrs), "every module that we need has an endpoint", "failed"),
        (only_raw, "versions are listed", "mended"),
        (edit("date_from=", old_ones), "locations: date_from and date_to are kept to", "mended"),
        (no_put, "credentials can be changed", "failed"),
        (same_token, "credentials can be changed", "failed"),
        (let_in, "the token before it is dead afterwards", "failed"),
    ],
)  # fmt: skip
def test_what_a_cpo_does_wrong_is_named(
    tmp_path: Path, change: Change, check: str, outcome: str
) -> None:
    with served(application(CONFIG)) as cpo_url, spoiled(cpo_url, change) as front:
        url = f"{front}/ocpi/cpo/versions"
        _, checks = examined(tmp_path, url, "--ocpi", "2.2.1", "--register", KIT)
    assert checks[check]["outcome"] == outcome, checks[check]
    if outcome == "failed":
        assert checks[check]["details"]
        assert checks[check]["hint"]
        assert checks[check]["section"]


@pytest.mark.parametrize(
    ("version", "raw", "outcome"),
    [("2.2.1", False, "passed"), ("2.2.1", True, "mended"), ("2.1.1", True, "passed")],
)
def test_how_the_cpo_shows_us_our_token_is_told(
    tmp_path: Path, version: str, *, raw: bool, outcome: str
) -> None:
    with cpo(versions=[version], raw_token=raw) as url:
        _, checks = examined(tmp_path, url, "--register", KIT)
    assert checks["our token is shown to us as OCPI has it"]["outcome"] == outcome


def test_what_changes_the_cpos_state_is_not_tried_unless_it_is_asked_for(tmp_path: Path) -> None:
    with served(application(CONFIG)) as url:
        _, checks = examined(tmp_path, f"{url}/ocpi/cpo/versions")
    for name in ("credentials are exchanged", "a charge is started and stopped"):
        assert checks[name]["outcome"] == "not tried"
        assert checks[name]["details"][0].count("--") == 1


@pytest.mark.parametrize(("local", "outcome"), [(True, "mended"), (False, "failed")])
def test_an_endpoint_without_https_is_for_trials_only(*, local: bool, outcome: str) -> None:
    report = Report("https://cpo.example/versions")
    entrance._secure(report, {"cdrs.SENDER": "http://cpo.example/cdrs"}, local=local)
    (check,) = report.checks
    assert (check.outcome.value, check.details[0].split()[0]) == (outcome, "cdrs.SENDER")


def test_a_registered_token_does_not_register_again(tmp_path: Path) -> None:
    def registered(asked: Asked, answer: Answer) -> Answer:
        posts = asked.method == "POST" and "/credentials" in asked.path
        return (405, {}, b"{}") if posts else answer

    with served(application(CONFIG)) as cpo_url, spoiled(cpo_url, registered) as front:
        _, checks = examined(tmp_path, f"{front}/ocpi/cpo/versions", "--register", KIT)
    assert "invite us anew" in checks["credentials are exchanged"]["details"][0]
