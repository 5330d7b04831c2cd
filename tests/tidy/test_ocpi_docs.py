"""Does docs/ocpi.md name exactly the modules and methods that each OCPI version has here?"""

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.preferences import Preferences, Profile
from chalicelib.handlers.ocpi.openapi import all_served
from chalicelib.handlers.ocpi.versions import HUB_ENDPOINTS
from chalicelib.ocpi.envelope.versions import PATHS
from chalicelib.ocpi.language import VERSIONS, language
from chalicelib.ports.cpo import (
    CpoRefused,
    CpoUnavailable,
    Peer,
    ReserveCommand,
    StartCommand,
    UnlockCommand,
)
from chalicelib.usecases.token.read import token_by_id
from sandbox.memory.world import PARTNERS, World

_PAGE = Path(__file__).parents[2] / "docs" / "ocpi.md"
_AT_CPOS = "| module | 2.1.1 | 2.2.1 and 2.3.0 | where |"
_METHOD = re.compile(r"\b[A-Z_]{3,}\b")  # also a command's name
_TO_EMSPS = "| module | to an eMSP we are"
_MODULES = {path: module for module, path in PATHS.items()}


def _told(head: str = "| module | we are") -> dict[tuple[str, str], set[str]]:
    """(module, version) → methods, of the table that begins so."""
    rows = [line.strip("| \n").split("|") for line in _table(_PAGE.read_text(), head)]
    versions = [name.strip() for name in rows[0][2:]]
    told = {}
    for module, _, *cells in rows[2:]:
        for version, cell in zip(versions, cells, strict=True):
            methods = {word for word in cell.split() if word.isascii()}  # a dash: none
            if methods:
                told[module.strip(), version] = methods
    return told


def _table(text: str, head: str = "| module | we are") -> list[str]:
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(head))
    end = next(i for i in range(begin, len(lines)) if not lines[i].startswith("|"))
    return lines[begin:end]


def _served(*, to_emsps: bool = False) -> dict[tuple[str, str], set[str]]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for version, path, methods in all_served():
        parts = path.split("/")[3:]
        below = parts[:1] == ["cpo"]
        if version and parts and below is to_emsps:
            parts = parts[1:] if below else parts
            found[_MODULES.get(parts[0], parts[0]), version].update(methods)
    return dict(found)


def test_the_page_names_what_is_served() -> None:
    assert _told() == _served()


def test_version_details_name_what_is_served() -> None:
    for version in VERSIONS:
        named = {module for module, _ in language(version).endpoints}
        assert named == {module for module, spoken in _served() if spoken == version}


def test_the_page_names_what_emsps_are_served() -> None:
    assert _told(_TO_EMSPS) == _served(to_emsps=True)


def test_details_for_emsps_name_what_they_are_served() -> None:
    named = {path.removeprefix("cpo/") for path, _ in HUB_ENDPOINTS if path != "credentials"}
    assert named == {module for module, _ in _served(to_emsps=True)}
    rows = [line.strip("| ").split("|") for line in _table(_PAGE.read_text(), _TO_EMSPS)][2:]
    told = {row[0].strip(): row[1].strip().upper() for row in rows}
    assert told == {
        path.removeprefix("cpo/"): role for path, role in HUB_ENDPOINTS if path != "credentials"
    }


def test_the_page_tells_our_role_as_version_details_do() -> None:
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in _table(_PAGE.read_text())
    ]
    told = {row[0]: row[1] for row in rows[2:] if row[1] != "both"}
    for version in VERSIONS:
        for module, role in language(version).endpoints:
            if module in told:
                assert told[module].upper() == role, module


class _Recorder:
    """In place of HTTP: notes what is called, and gives no answer."""

    def __init__(self) -> None:
        self.called: defaultdict[str, set[str]] = defaultdict(set)

    def call(self, method: str, url: str, *_: object) -> None:
        module, *below = url.removeprefix("https://cpo.example/").partition("?")[0].split("/")
        self.called[module].add(below[0] if module == "commands" else method)
        raise CpoUnavailable("it is only noted")


_SECRET = "of-the-token"
_AT = "https://cpo.example"
_LISTS = ("locations", "tariffs", "sessions", "cdrs", "hubclientinfo")
_ENDPOINTS = {
    **{f"{name}.SENDER": f"{_AT}/{name}" for name in _LISTS},
    "commands.RECEIVER": f"{_AT}/commands",
    "credentials": f"{_AT}/credentials",
}


def _calls(world: World, version: str) -> dict[str, tuple[Any, ...]]:
    """What each method of the client is asked, at a CPO of a version."""
    hub = "DE*HUB" if language(version).roles else ""  # nobody is reached through one in 2.1.1
    cpo = replace(world.connection, version=version, endpoints=_ENDPOINTS, hub=hub)
    cpo = replace(cpo, their_token_secret=_SECRET)
    at, back = world.ports.clock.now(), "https://we.example"
    token = token_by_id(world.ports, PARTNERS[PaymentMethod.CARD], "tok_card")
    calls = {
        "discover": (f"{_AT}/versions", "token"),
        "register": (Peer(version, _ENDPOINTS), "token", {"token": "t", "url": back}),
        "leave": (cpo,),
        "locations": (cpo, None),
        "tariffs": (cpo, None),
        "sessions": (cpo, at, at),
        "cdrs": (cpo, at, at),
        "client_infos": (cpo, None),
        "start_session": (cpo, StartCommand(token, "L1", "E1", "1", "ref", back)),
        "stop_session": (cpo, "cs", back),
        "unlock": (cpo, UnlockCommand("L1", "E1", "1", back)),
        "reserve": (cpo, ReserveCommand(token, "res", "L1", "E1", at, back)),
        "cancel_reservation": (cpo, "res", back),
        "prefer": (cpo, "cs", Preferences(Profile.REGULAR)),
    }
    return {name: asked for name, asked in calls.items() if name != "client_infos" or hub}


def _called(monkeypatch: pytest.MonkeyPatch, version: str) -> dict[str, set[str]]:
    world, recorder = World(), _Recorder()
    world.ports.secrets.write(_SECRET, "t")
    client = OcpiClient(world.ports.secrets, allow_private=False)
    monkeypatch.setattr(client, "_http", recorder)
    for name, asked in _calls(world, version).items():
        for more in ({"renewing": False}, {"renewing": True}) if name == "register" else ({},):
            with suppress(CpoUnavailable, CpoRefused):
                getattr(client, name)(*asked, **more)
    return dict(recorder.called)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_page_names_what_we_call_at_a_cpo(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    told: defaultdict[str, set[str]] = defaultdict(set)
    for row in _table(_PAGE.read_text(), _AT_CPOS)[2:]:
        modules, old, new, _ = (cell.strip() for cell in row.strip("| ").split("|"))
        cell = old if version == "2.1.1" else new.replace("the same", old)
        for module in modules.split(", ") if _METHOD.search(cell) else ():
            told[module] |= set(_METHOD.findall(cell))
    assert dict(told) == _called(monkeypatch, version)


def test_no_call_of_the_client_is_left_out() -> None:
    public = {name for name in vars(OcpiClient) if not name.startswith("_")}
    assert public - {"close"} == _calls(World(), VERSIONS[0]).keys()
