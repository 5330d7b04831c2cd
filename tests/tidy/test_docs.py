"""Are the documents true to the tree? Links, commands, alarms, decisions and their forms."""

import argparse
import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain.ledger.provisional import AWAITING_CDR
from chalicelib.usecases.session.watch import EXPIRING, STUCK
from sandbox.__main__ import commands
from tests.tidy.trees import ROOT

_PASSED_OVER = {".venv", "build", ".git", "node_modules", ".hypothesis", ".pytest_cache"}
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_MAKE = re.compile(r"(?:^|`)make (?P<target>[a-z-]+)", re.MULTILINE)
_SANDBOX = re.compile(r"(?:(?<=python -m sandbox )|(?<=`)(?=admin |books ))([a-z][^`\n>|&#]*)")
_ROOMS_OF_SESSIONS = [
    *("chalicelib/usecases/session", "chalicelib/usecases/effect", "chalicelib/usecases/hub"),
    "chalicelib/usecases/cdr",
]
_WITH_A_REASON = {"step", "stopped", "start_refused"}
_ADR_LINES_MAX = 60
_ADR_PARTS = ("## Context", "## Decision", "## Consequences", "## Refused")


def _documents() -> list[Path]:
    found = ROOT.rglob("*.md")
    return sorted(path for path in found if not _PASSED_OVER & set(path.relative_to(ROOT).parts))


def _links() -> Iterator[tuple[Path, str]]:
    for document in _documents():
        for link in _LINK.finditer(_FENCE.sub("", document.read_text())):
            if not re.match(r"[a-z]+:", link["target"]):
                yield document, link["target"]


def _anchors(document: Path) -> set[str]:
    """Its headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", document.read_text()), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def _readme() -> str:
    return (ROOT / "README.md").read_text()


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for document, link in _links():
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and anchor not in _anchors(target)):
            broken.append(f"{document.relative_to(ROOT)}: {link}")
    assert not broken


def test_every_document_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    linked = {(ROOT / "docs" / link["target"]).resolve() for link in _LINK.finditer(index)}
    documents = set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs" / "README.md"}
    assert not {str(document) for document in documents - linked}


def test_every_make_target_of_the_readme_exists() -> None:
    named = {found["target"] for found in _MAKE.finditer(_readme())}
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test"} <= named
    assert not named - set(made)


def test_every_sandbox_command_that_a_document_names_is_one() -> None:
    """Down to the last verb and option: `admin payout agree pay_… --person "…"`."""
    wrong = []
    for document in _documents():
        for said in _SANDBOX.findall(document.read_text().replace("\\\n", " ")):
            words = said.replace('"', "").replace("'", "").split()
            parser: argparse.ArgumentParser = commands(words)
            while words and (verbs := _verbs(parser)) and words[0] in verbs:
                parser = verbs[words.pop(0)]
            options = [word for word in words if word.startswith("--")]
            unknown = [option for option in options if option not in parser.format_help()]
            if unknown or (words and _verbs(parser) and not words[0].startswith(("-", "…"))):
                wrong.append(f"{document.relative_to(ROOT)}: {said}")
    assert not wrong


def _verbs(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def test_every_path_that_a_document_names_exists() -> None:
    """Names in backticks that begin with a room, or a room of chalicelib, written out in full."""
    rooms = "app.py|chalicelib|infra|sandbox|tests|docs|bench"
    inner = "domain|ports|usecases|adapters|handlers|wiring"
    named = re.compile(rf"`(?:((?:{rooms})(?:/[\w.-]+)*/?)|((?:{inner})/[\w./-]+))`")
    missing = [
        f"{document.relative_to(ROOT)}: {path}{under}"
        for document in _documents()
        for path, under in named.findall(document.read_text())
        if not (ROOT / (path or f"chalicelib/{under}")).exists()
    ]
    assert not missing


def test_every_alarm_has_its_line_in_the_runbook() -> None:
    runbook = (
        (ROOT / "docs" / "runbook.md").read_text().replace("`…", "`CounterpartyMachineExecutions")
    )
    alarms = [
        name
        for part in (ROOT / "infra").glob("*.json")
        for name, resource in json.loads(part.read_text()).get("Resources", {}).items()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
    ]
    assert alarms
    assert not [name for name in alarms if f"`{name}`" not in runbook]


def _reasons_of_sessions() -> set[str]:
    """Why a session ended, was stopped or waits: the words, and the constants in upper case."""
    files = [file for room in _ROOMS_OF_SESSIONS for file in (ROOT / room).rglob("*.py")]
    found = set[str]()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            told = node.args[2:] if node.func.id in _WITH_A_REASON else []
            told += [word.value for word in node.keywords if word.arg == "reason"]
            words = (one.value for one in told if isinstance(one, ast.Constant))
            found.update(word for word in words if isinstance(word, str) and word)
    return found


def test_every_reason_of_a_session_has_its_line_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    reasons = {*_reasons_of_sessions(), AWAITING_CDR, EXPIRING, STUCK}
    assert {"stuck_pending", "cpo_offline", "no_energy_no_cdr"} <= reasons
    assert not sorted(reason for reason in reasons if f"`{reason}`" not in runbook)


def test_the_glossary_is_in_the_order_of_the_alphabet() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text().splitlines()
    words = [row.split("|")[1].strip().lower() for row in rows if row.startswith("| ")][1:]
    assert words == sorted(words)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_why_and_what_was_refused(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= _ADR_LINES_MAX
    positions = [text.find(part) for part in _ADR_PARTS]
    assert min(positions) > 0
    assert positions == sorted(positions)
    assert text.startswith(f"# {path.stem[:4]} ")


def test_code_cites_decisions_that_exist() -> None:
    cited = {
        number
        for room in ("chalicelib", "sandbox", "infra", "tests")
        for path in (ROOT / room).rglob("*.py")
        for number in re.findall(r"docs/adr/(\d{4})", path.read_text())
    }
    there = {path.stem[:4] for path in (ROOT / "docs" / "adr").glob("*.md")}
    assert cited
    assert not cited - there
