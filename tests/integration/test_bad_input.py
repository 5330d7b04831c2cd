"""Is each kind of bad input refused by each side in its own form, with nothing written?

The table is bad_input_matrix.py. Longer lists of wrong fields stand beside each side's own tests.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import wiring
from chalicelib.usecases.network.pull import pull_peer
from tests.integration.bad_input_matrix import MATRIX
from tests.integration.bad_input_scene import Mistake, Scene

SIDES = {"partner API", "OCPI", "Stripe webhooks"}
TRIED = [
    pytest.param(side, mistake, id=f"{kind}-{mistake}")
    for kind, row in MATRIX.items()
    for side, tried in row.items()
    if not isinstance(tried, str)
    for mistake in tried
]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Client(app) as client:
        yield Scene(client)
    wiring.use(None)


def test_each_kind_is_tried_at_each_side_or_says_why_not() -> None:
    assert all(set(row) == SIDES for row in MATRIX.values())
    assert all(tried for row in MATRIX.values() for tried in row.values())


@pytest.mark.parametrize(("side", "mistake"), TRIED)
def test_it_is_refused_clearly_and_nothing_is_written(
    scene: Scene, side: str, mistake: Mistake
) -> None:
    before = scene.snapshot()
    answer = scene.send(mistake)
    assert answer.status_code == mistake.status, answer.body
    if side == "OCPI":
        _is_ocpis(answer, mistake)
    else:
        _is_a_problem(answer, mistake)
    after = scene.snapshot()
    if mistake.code == "session_already_billed":  # refused, and kept in view for people
        noted = [name for name in after["table"] if name.startswith("second-cdrs/")]
        assert len(noted) == 1
        del after["table"][noted[0]]
    assert after == before


def _is_a_problem(answer: HTTPResponse, mistake: Mistake) -> None:
    """RFC 9457: status, code, the field if one is to blame, and how to fix it."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json_body
    assert (problem["status"], problem["code"]) == (mistake.status, mistake.code)
    assert problem.get("field", "") == mistake.field
    assert problem["type"].endswith(f"/v1/docs#{mistake.code}")
    assert problem["detail"]
    assert problem["how_to_fix"].endswith(".")
    assert (answer.status_code == 405) == ("Allow" in answer.headers)


def _is_ocpis(answer: HTTPResponse, mistake: Mistake) -> None:
    """OCPI's envelope: its own status, and code, field, reason and remedy in the message."""
    envelope: dict[str, Any] = json.loads(answer.body)
    assert envelope["status_code"] == mistake.ocpi
    assert "data" not in envelope
    named, _, said = envelope["status_message"].partition(": ")
    assert named == (f"{mistake.code} ({mistake.field})" if mistake.field else mistake.code)
    reason, _, remedy = said.partition(". ")
    assert reason
    assert remedy.endswith(".")
    assert envelope["timestamp"]


def test_a_cdr_for_an_unknown_session_is_not_kept_when_it_is_pulled_either(scene: Scene) -> None:
    world = scene.world
    strange = world.cdr(world.session(scene.names["session"]), reference="ses_0")
    world.ports.cpos.finished.append(strange)
    files = dict(world.ports.files.content)
    told = pull_peer(world.ports, world.connection)
    assert [why for why in told.refused if why.startswith(f"cdrs: {strange.id}")]
    assert not told.failed
    assert world.ports.files.content == files
