"""Does docs/ocpi.md name exactly the modules and methods that each OCPI version has here?"""

from collections import defaultdict
from pathlib import Path

from chalicelib.handlers.ocpi.openapi import all_served
from chalicelib.handlers.ocpi.versions import HUB_ENDPOINTS
from chalicelib.ocpi.envelope.versions import PATHS
from chalicelib.ocpi.language import VERSIONS, language

_PAGE = Path(__file__).parents[2] / "docs" / "ocpi.md"
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
