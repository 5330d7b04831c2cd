"""Does the kit pass a CPO that keeps to OCPI, and name what one does wrong?"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from chalicelib.ocpi.language import VERSIONS
from sandbox.__main__ import main
from sandbox.peers.cpo.server import application
from tests.contract.answering import Answer, Asked, answering
from tests.contract.ocpi_rig import CONFIG, served
from tests.contract.recording_emsp import TOKEN_A

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
KIT = "127.0.0.1:0"


@contextmanager
def cpo(**changes: Any) -> Iterator[str]:
    """The simulated CPO's versions URL."""
    with served(application({**CONFIG, **changes})) as url:
        yield f"{url}/ocpi/cpo/versions"


def examined(tmp_path: Path, url: str, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and each check by its name."""
    out = tmp_path / "report.json"
    status = main(["ocpi-check", url, "--token", TOKEN_A, "--out", str(out), *options])
    return status, {one["check"]: one for one in json.loads(out.read_text())["checks"]}


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


Change = Callable[[Asked, Answer], Answer]


@contextmanager
def spoiled(target: str, change: Change) -> Iterator[str]:
    """In front of a good CPO: what it answers is changed on the way."""
    pool = urllib3.PoolManager()

    def answer(asked: Asked) -> Answer:
        headers = {
            k: v for k, v in asked.headers.items() if k.lower() not in ("host", "connection")
        }
        got = pool.request(
            asked.method,
            f"{target}{asked.path}",
            body=asked.body or None,
            headers=headers,
            redirect=False,
        )
        kept = {k: v for k, v in got.headers.items() if k.lower() in _KEPT}
        status, sent, content = change(asked, (got.status, kept, got.data))
        here = f"http://{asked.headers['Host']}"
        return (
            status,
            {k: v.replace(target, here) for k, v in sent.items()},
            content.replace(target.encode(), here.encode()),
        )

    with answering(answer) as url:
        yield url
    pool.clear()


_KEPT = ("content-type", "link", "x-total-count", "x-limit", "x-request-id", "x-correlation-id")


def edit(part: str, change: Callable[[dict[str, Any]], None]) -> Change:
    """Change the JSON of the answers to requests whose path has this part."""

    def changed(asked: Asked, answer: Answer) -> Answer:
        status, headers, content = answer
        if part not in asked.path or not content:
            return answer
        body = json.loads(content)
        change(body)
        return status, headers, json.dumps(body).encode()

    return changed


def headers(**other: str | None) -> Change:
    def changed(_: Asked, answer: Answer) -> Answer:
        status, sent, content = answer
        names = {name.replace("_", "-").lower(): value for name, value in other.items()}
        kept = {k: v for k, v in sent.items() if k.lower() not in names}
        return status, {**kept, **{k: v for k, v in names.items() if v is not None}}, content

    return changed


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
