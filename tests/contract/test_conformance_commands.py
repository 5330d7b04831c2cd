"""Does the kit start and stop a charge where it is told to, and name what a CPO does wrong then?"""

import json
import re
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.domain.codec import instant_text
from chalicelib.ocpi.language import VERSIONS
from sandbox.__main__ import main
from sandbox.conformance import commands
from sandbox.peers.cpo.server import application
from tests.contract.conformance_rig import KIT, Change, edit, examined, spoiled
from tests.contract.ocpi_rig import CONFIG, served
from tests.contract.recording_emsp import TOKEN_A
from tests.tidy.trees import ROOT

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

STARTED = ("START_SESSION is answered", "START_SESSION: the charger's result comes")
STOPPED = ("STOP_SESSION is answered", "STOP_SESSION: the charger's result comes")
NAMED = "the session has our authorization_reference"
ENDED = "the session ends when it is stopped"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_LOOKS_EVERY_S", 0.05)


@contextmanager
def charging_cpo(fault: str = "clean", **changes: Any) -> Iterator[str]:
    """A simulated CPO whose chargers act by themselves, some seconds at a time."""
    now = datetime.now(UTC).replace(microsecond=0)
    config = {**CONFIG, "now": instant_text(now), "start_after_s": 1, **changes}
    over = threading.Event()

    def acts(url: str) -> None:
        at = now
        with httpx.Client() as client:
            while not over.wait(0.02):
                at += timedelta(seconds=1)
                client.post(f"{url}/sim/tick", json={"now": instant_text(at)})

    with served(application(config)) as url, httpx.Client() as client:
        if fault != "clean":
            plan = {"fault": fault, "evse_uid": "L1-1", "ends": "stop"}
            assert client.post(f"{url}/sim/plan", json=plan).status_code == 200
        thread = threading.Thread(target=acts, args=(url,))
        thread.start()
        try:
            yield url
        finally:
            over.set()
            thread.join()


def tried(tmp_path: Path, url: str, *options: str, wait: int = 20) -> dict[str, Any]:
    asked = ("--commands", "L1/L1-1", "--wait", str(wait), "--register", KIT, *options)
    return examined(tmp_path, f"{url}/ocpi/cpo/versions", *asked)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_charge_is_started_found_by_our_reference_and_stopped(
    tmp_path: Path, version: str
) -> None:
    with charging_cpo(versions=[version]) as url:
        checks = tried(tmp_path, url)
    assert not [one for one in checks.values() if one["outcome"] == "failed"]
    echoed = NAMED if version != "2.1.1" else "the session has our auth_id"
    for name in (*STARTED, echoed, *STOPPED, ENDED):
        assert checks[name]["outcome"] == "passed", checks[name]


def test_the_guides_trial_does_all_that_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "connecting.md").read_text().replace("\\\n", " ")
    (line,) = re.findall(r"^python -m sandbox (ocpi-check .*--register.*)$", page, re.MULTILINE)
    with charging_cpo() as url:
        known = {
            "https://you.example/ocpi/versions": f"{url}/ocpi/cpo/versions",
            "$INVITATION": TOKEN_A,
            "0.0.0.0:9100": KIT,
            "--our-url https://kit.example": f"--out {tmp_path / 'report.json'}",
            "$LOCATION": "L1",
            "$EVSE": "L1-1",
        }
        for name, value in known.items():
            assert name in line, name
            line = line.replace(name, value)
        assert main(shlex.split(line)) == 0
    assert "0 failed" in capsys.readouterr().out
    outcomes = {
        one["check"]: one["outcome"]
        for one in json.loads((tmp_path / "report.json").read_text())["checks"]
    }
    assert (outcomes[ENDED], outcomes["who left is refused"]) == ("passed", "passed")


def test_no_charger_is_started_unless_it_was_named(tmp_path: Path) -> None:
    with charging_cpo() as url:
        _, checks = examined(tmp_path, f"{url}/ocpi/cpo/versions", "--register", KIT)
        state = httpx.get(f"{url}/sim/state").json()
    assert state["sessions"] == []
    assert checks["a charge is started and stopped"]["outcome"] == "not tried"
    assert "--commands LOCATION/EVSE" in checks["a charge is started and stopped"]["details"][0]


@pytest.mark.parametrize(
    ("fault", "check", "outcome"),
    [
        ("start_rejected", STARTED[0], "failed"),
        ("start_answer_lost", STARTED[0], "mended"),
        ("start_refused", STARTED[1], "failed"),
        ("stop_refused", STOPPED[1], "failed"),
    ],
)
def test_what_a_charger_does_wrong_is_named(
    tmp_path: Path, fault: str, check: str, outcome: str
) -> None:
    with charging_cpo(fault) as url:
        checks = tried(tmp_path, url)
    _names(checks, check, outcome)


@pytest.mark.parametrize(
    ("fault", "check", "outcome"),
    [
        ("start_result_lost", STARTED[1], "mended"),
        ("start_without_session", NAMED, "failed"),
        ("stop_ignored", ENDED, "failed"),
    ],
)
def test_what_is_waited_for_in_vain_is_named(
    tmp_path: Path, fault: str, check: str, outcome: str
) -> None:
    with charging_cpo(fault) as url:
        checks = tried(tmp_path, url, wait=3)
    _names(checks, check, outcome)


def _names(checks: dict[str, Any], check: str, outcome: str) -> None:
    assert checks[check]["outcome"] == outcome, checks[check]
    assert checks[check]["details"]
    assert checks[check]["section"].startswith(("mod_commands: ", "mod_sessions: "))
    assert checks["who left is refused"]["outcome"] == "passed"


def no_reference(body: dict[str, Any]) -> None:
    for one in body.get("data") or ():
        one.pop("authorization_reference", None)


def small_letters(body: dict[str, Any]) -> None:
    body["data"]["result"] = body["data"]["result"].lower()


def no_timeout(body: dict[str, Any]) -> None:
    del body["data"]["timeout"]


def perhaps(body: dict[str, Any]) -> None:
    body["data"]["result"] = "PERHAPS"


def not_found(body: dict[str, Any]) -> None:
    body["status_code"] = 2003


def no_answer(body: dict[str, Any]) -> None:
    body["data"] = None


def over_at_once(body: dict[str, Any]) -> None:
    for one in body.get("data") or ():
        one["status"] = "COMPLETED"


@pytest.mark.parametrize(
    ("change", "check", "outcome"),
    [
        (edit("/sessions", no_reference), NAMED, "mended"),
        (edit("START_SESSION", small_letters), STARTED[0], "mended"),
        (edit("START_SESSION", no_timeout), STARTED[0], "mended"),
        (edit("START_SESSION", perhaps), STARTED[0], "mended"),
        (edit("START_SESSION", not_found), STARTED[0], "failed"),
        (edit("STOP_SESSION", no_answer), STOPPED[0], "mended"),
        (edit("/sessions", over_at_once), "the session goes on until it is stopped", "failed"),
    ],
)
def test_what_a_cpo_answers_wrong_is_named(
    tmp_path: Path, change: Change, check: str, outcome: str
) -> None:
    with charging_cpo() as url, spoiled(url, change) as front:
        checks = tried(tmp_path, front, "--ocpi", "2.2.1")
    _names(checks, check, outcome)


def test_an_answer_that_was_lost_is_looked_for_and_the_charge_is_stopped(tmp_path: Path) -> None:
    with charging_cpo("start_answer_lost") as url:
        checks = tried(tmp_path, url)
        (session,) = httpx.get(f"{url}/sim/state").json()["sessions"]
    for name in (NAMED, *STOPPED, ENDED):
        assert checks[name]["outcome"] == "passed", checks[name]
    assert session["status"] == "COMPLETED"


def test_what_the_cpo_does_not_list_is_not_started(tmp_path: Path) -> None:
    with charging_cpo() as url:
        checks = tried(tmp_path, url, "--commands", "L1/elsewhere")
        state = httpx.get(f"{url}/sim/state").json()
    assert checks["the EVSE that was named is listed"]["outcome"] == "failed"
    assert state["sessions"] == []


def test_without_an_address_for_the_result_nothing_is_started(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ocpi-check", "http://cpo.example", "--token", "T", "--commands", "L1/E1"]) == 2
    assert "--listen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "text"),
    [("--commands", "L1"), ("--commands", "L1/"), ("--commands", "L1/E1/"), ("--wait", "0")],
)
def test_what_names_no_evse_or_time_is_refused(
    option: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["ocpi-check", "http://cpo.example", "--token", "T", option, text])
    assert f"argument {option}: {text!r} is not" in " ".join(capsys.readouterr().err.split())
