"""Does our OCPI side hold what its own OpenAPI says, whatever schemathesis makes of that?

Each endpoint meets what its schema says is right, and every kind of value that it says is wrong. It
never answers with a 5xx, answers as described, and writes nothing for what it refuses.
"""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
import schemathesis
from chalice.test import Client
from hypothesis import settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.generation.meta import TestPhase

from app import app
from chalicelib import wiring
from chalicelib.domain.codec import instant_text
from chalicelib.handlers.ocpi.endpoint import Served
from chalicelib.handlers.ocpi.openapi import all_served, below, document
from chalicelib.ocpi.language import VERSIONS
from sandbox.aws.front import application
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import start, whole
from tests.integration.ocpi.hub.emsp_scene import (
    TARIFF,
    TOKEN,
    connected_cpo,
    connected_emsp,
    loosely_told,
)

NAME = "1"  # whatever has an id is called so here: URLs and bodies mean the same
LONGEST_S = 5  # of the processor; an ordinary one takes milliseconds
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
)
BEYOND_A_SCHEMA = ("of the URL", "is not negative", "name no CPO")
NIGHTLY = settings.get_current_profile_name() == "nightly"
SIDES = (*VERSIONS, "cpo")  # the last: our endpoints for eMSPs


@dataclass
class Scene:
    """Before each request everything is as it was at the beginning."""

    world: World
    cpo: Peer
    emsp: Peer
    reference: str  # of a charge that is under way
    begun: MemoryStore
    wrong: list[str] = field(default_factory=list)
    at_s: float = 0.0

    @property
    def written(self) -> int:
        store = self.world.ports.store
        assert isinstance(store, MemoryStore)
        return store.writes - self.begun.writes

    def before(self, _: Any, case: Any, __: Any) -> None:
        if self.written:
            self.world.ports.store = deepcopy(self.begun)
        peer = self.emsp if "/cpo/" in case.operation.path else self.cpo
        case.headers["Authorization"] = f"Token {b64encode(peer.token.encode()).decode()}"
        self.at_s = process_time()

    def after(self, _: Any, case: Any, response: Any) -> None:
        took_s = process_time() - self.at_s
        told = json.loads(response.content) if response.content else {}
        good, message = told.get("status_code") == 1000, told.get("status_message", "")
        about, right = case.meta.phase.data.description or "", case.meta.generation.mode.is_positive
        # Which body is right, says a command's path; random members may be another version's.
        sure = "{command}" not in case.operation.path and case.meta.phase.name == TestPhase.COVERAGE
        right = right and sure
        lacks = about.startswith("Missing required property")
        if "/2.1.1/" in case.operation.path and about.endswith("last_updated"):
            lacks = False  # an update in its list, as the version's own examples send it
        found = {
            f"took {took_s:.0f} s": took_s > LONGEST_S,
            "was refused, and something was written": bool(self.written and not good),
            "is right, and was refused": right and _is_of_shape(message),
            "lacks what is required, and was written": bool(lacks and self.written),
        }
        said = f"({about}) {case.as_curl_command()}: {response.content!r:.200}"
        self.wrong += [f"{words}: {said}" for words, so in found.items() if so]


def _is_of_shape(message: str) -> bool:
    """Whether something is refused for its form, rather than for what else is known."""
    code = message.partition(" ")[0].rstrip(":")
    beyond = any(words in message for words in BEYOND_A_SCHEMA)
    return code in {"invalid", "malformed_json", "unsupported_media_type"} and not beyond


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    world = World()
    wiring.use(world.ports)
    world.ports.cpos.versions = VERSIONS
    with Client(app) as client:
        cpo = connected_cpo(world, client)
        emsp = connected_emsp(world, client)
        whole(world, cpo, emsp)
        for peer, path, told in (
            (emsp, "cpo/tokens/NL/APP", {**TOKEN, "uid": NAME}),
            (cpo, "tariffs/DE/RHE", {**TARIFF, "id": NAME}),
            (cpo, "locations/DE/RHE", loosely_told(NAME, NAME, NAME)),
        ):
            assert peer.send("PUT", f"/ocpi/2.2.1/{path}/{NAME}", told).status == 1000
        under_way = start(world, cpo, emsp)
        under_way.put("ACTIVE", 1, 1, NAME)
        yield Scene(world, cpo, emsp, under_way.session.id, deepcopy(world.ports.store))
    wiring.use(None)


@pytest.fixture
def hooks(scene: Scene, side: str) -> Iterator[None]:
    """Schemathesis' own are global: ours are there for one run."""

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        scene.before(context, case, kwargs)

    def after_call(context: Any, case: Any, response: Any) -> None:
        scene.after(context, case, response)

    schemathesis.hook(before_call)
    schemathesis.hook(after_call)
    for name, value in _formats(scene, side).items():
        schemathesis.openapi.format(name, st.just(value))
    scene.wrong.clear()
    yield
    schemathesis.hooks.unregister_all()


def _formats(scene: Scene, side: str) -> dict[str, str]:
    """One value each, that is known here."""
    peer = ("NL", "APP") if side == "cpo" else ("DE", "RHE")
    return {
        "ocpi-ci-string": NAME,
        "ocpi-country-code": peer[0],
        "ocpi-party-id": peer[1],
        "ocpi-to-country-code": "DE",
        "ocpi-to-party-id": "RHE",
        "ocpi-token-uid": NAME,
        "ocpi-authorization-reference": scene.reference,
        "iso-3166-1-alpha-3": "DEU",
        "iso-4217": "EUR",
        "iana-time-zone": "Europe/Berlin",
        "uri": "https://peer.example/ocpi/versions",
        "date-time": instant_text(scene.world.ports.clock.now() + timedelta(minutes=1)),
    }


def _config() -> SchemathesisConfig:
    """Every kind of right and wrong value; by night also at random, in all versions."""
    on, off = {"enabled": True}, {"enabled": False}
    return SchemathesisConfig.from_dict(
        {
            "generation": {
                "deterministic": not NIGHTLY,
                "with-security-parameters": False,
                "max-examples": 20,
                "database": "none",
            },
            "phases": {
                "examples": off,
                "stateful": off,
                "coverage": on,
                "fuzzing": on if NIGHTLY else off,
            },
            "continue-on-failure": True,
            "checks": {**off, **dict.fromkeys(CHECKS, on)},
        }
    )


def _described(side: str) -> dict[str, Any]:
    """The document with one side's paths.

    By day versions take turns at what they have alike, and the same four headers are not tried
    everywhere.
    """
    everything = deepcopy(document("http://localhost"))
    for operation in [one for told in everything["paths"].values() for one in told.values()]:
        parameters = operation["parameters"]
        operation["parameters"] = [p for p in parameters if NIGHTLY or p["in"] != "header"]
    by_path: defaultdict[str, list[Served]] = defaultdict(list)
    for served in sorted(all_served()):
        by_path[below(served)].append(served)
    kept = set()
    for number, alike in enumerate(by_path.values()):
        chosen = alike if NIGHTLY else [alike[number % len(alike)]]
        kept |= {one.path for one in chosen if side == _side(one)}
    return {**everything, "paths": {path: everything["paths"][path] for path in kept}}


def _side(served: Served) -> str:
    return "cpo" if "/cpo/" in served.path else served.version or VERSIONS[0]


def _failures(event: Any) -> Iterator[str]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        yield repr(event)
    if isinstance(event, events.ScenarioFinished):
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    case = event.recorder.cases[case_id].value
                    yield f"{check.name}: {case.as_curl_command()}: {check.failure_info.failure}"


@pytest.mark.slow
@pytest.mark.parametrize("side", SIDES)
def test_every_endpoint_holds_what_its_schema_says(scene: Scene, hooks: None, side: str) -> None:
    del hooks
    schema = schemathesis.openapi.from_dict(_described(side), config=_config())
    schema.app = application
    failures = [one for event in from_schema(schema).execute() for one in _failures(event)]
    assert failures == []
    assert scene.wrong == []
