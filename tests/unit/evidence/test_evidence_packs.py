"""Does a pack show when anything in it was changed?"""

import json
from argparse import Namespace
from pathlib import Path
from zipfile import ZipFile

import pytest

from chalicelib.domain.evidence.manifest import MANIFEST, problems, unpacked
from chalicelib.domain.evidence.manifest import PACK as FILE
from chalicelib.usecases.evidence.seal import EvidenceNotReady, folder, seal
from sandbox.commands import verify
from sandbox.memory.settled import SettledWorld

PARTS = {
    "session", "quote", "offer", "tariff", "authorisation", "messages", "payment", "journal", "cdr",
    "price", "comparison", "reading", "split", "split_lines", "terms",
}  # fmt: skip


def _kept() -> dict[str, bytes]:
    settled = SettledWorld()
    session = settled.charge()
    settled.settle_day()
    content = settled.world.ports.files.content
    home = folder(session.id)
    kept = {n.removeprefix(home): c for n, c in content.items() if n.startswith(home)}
    assert len(kept) == 2  # manifest and parts as one file, the settlement's page
    assert problems(kept) == []
    return kept


KEPT = _kept()
SEALED, PACK = KEPT[FILE], unpacked(KEPT)


def test_a_pack_has_every_part_and_the_settlements_page_and_is_intact() -> None:
    listed = json.loads(PACK[MANIFEST])
    assert {part["part"] for part in listed["parts"]} == PARTS
    assert "settlement-2026-11-16.Europe-Berlin.json" in PACK
    assert problems(PACK) == []


def test_the_bill_computed_again_from_the_pinned_inputs_agrees() -> None:
    (name,) = (name for name in PACK if name.startswith("price-"))
    price = json.loads(PACK[name])
    assert price["agrees"] is True
    assert price["gross"] == {"minor": 1749, "currency": "EUR"}


@pytest.mark.parametrize("name", sorted(PACK))
def test_one_changed_byte_is_found_and_its_part_is_named(name: str) -> None:
    changed = bytearray(PACK[name])
    changed[len(changed) // 2] ^= 1
    part = name.rpartition("-")[0] if "settlement" not in name else "settlement"
    (found,) = problems({**PACK, name: bytes(changed)})[:1]
    assert found.startswith("manifest" if name == MANIFEST else part)


@pytest.mark.parametrize("name", sorted(set(PACK) - {"settlement-2026-11-16.Europe-Berlin.json"}))
def test_a_missing_part_is_found(name: str) -> None:
    rest = {other: content for other, content in PACK.items() if other != name}
    assert "is missing" in problems(rest)[0]


def test_another_manifest_with_a_right_hash_of_its_own_is_found_by_the_settlements_page() -> None:
    settled = SettledWorld()
    other = settled.charge(kwh="29")
    files = settled.world.ports.files.content
    theirs = unpacked({FILE: files[folder(other.id) + FILE]})
    forged = {**PACK, MANIFEST: theirs[MANIFEST]}
    assert any(problem.startswith("manifest") for problem in problems(forged))


def test_a_file_that_nobody_sealed_is_named() -> None:
    assert problems({**PACK, "note.json": b"{}"}) == ["note.json is not named by the manifest"]


def test_a_session_that_is_not_billed_has_no_pack_yet() -> None:
    settled = SettledWorld()
    session = settled.charge(told=False)
    with pytest.raises(EvidenceNotReady):
        seal(settled.world.ports, session.id)


def test_sealing_twice_is_sealing_once() -> None:
    settled = SettledWorld()
    session = settled.charge()
    before = dict(settled.world.ports.files.content)
    settled.world.ports.clock.forward(hours=1)
    assert seal(settled.world.ports, session.id) == session.evidence
    assert settled.world.ports.files.content == before


def test_a_pack_is_checked_as_it_lies_in_the_bucket(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(SEALED)
    assert verify.run(Namespace(pack=tmp_path, recompute=False)) == 0
    (tmp_path / FILE).write_bytes(SEALED.replace(b"1749", b"1748"))
    assert verify.run(Namespace(pack=tmp_path, recompute=False)) == 1


def test_a_try_that_was_killed_leaves_no_pack_or_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    settled = SettledWorld()
    files = settled.world.ports.files
    kept, seal_it = list[str](), files.seal

    def noted(name: str, content: bytes, content_type: str) -> None:
        kept.append(name)
        seal_it(name, content, content_type)

    monkeypatch.setattr(files, "seal", noted)
    session = settled.charge()
    assert [name for name in kept if name.startswith("evidence/")] == [session.evidence]


@pytest.mark.parametrize("zipped", [False, True])
def test_the_command_says_intact_or_names_the_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, zipped: bool
) -> None:
    def said(pack: dict[str, bytes], name: str) -> tuple[int, str]:
        place = tmp_path / name
        if zipped:
            with ZipFile(place, "w") as archive:
                for file, content in pack.items():
                    archive.writestr(f"evidence/{file}", content)
        else:
            place.mkdir()
            for file, content in pack.items():
                (place / file).write_bytes(content)
        status = verify.run(Namespace(pack=place, recompute=False))
        return status, capsys.readouterr().out

    assert said(PACK, "good") == (0, f"intact: {len(PACK)} files, as they were sealed\n")
    (cdr,) = (name for name in PACK if name.startswith("cdr-"))
    status, out = said({**PACK, cdr: b"{}"}, "bad")
    assert (status, out) == (1, f"changed: cdr: {cdr} was changed\n")


def test_a_folder_without_a_manifest_is_no_pack(tmp_path: Path) -> None:
    assert verify.run(Namespace(pack=tmp_path, recompute=False)) == 2
    assert verify.run(Namespace(pack=tmp_path / "nowhere", recompute=False)) == 2
