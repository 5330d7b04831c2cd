"""How is a CPO examined in a test: a good one, and one whose answers are spoiled on their way?"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from sandbox.__main__ import main
from sandbox.peers.cpo.server import application
from tests.contract.answering import Answer, Asked, answering
from tests.contract.ocpi_rig import CONFIG, served
from tests.contract.recording_emsp import TOKEN_A

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
