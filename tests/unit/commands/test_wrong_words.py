"""A wrong word or file ends in one line that names it and says what was expected."""

import json
import socket
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.commands.served import served_ports

_ABSENT = "nowhere/absent.json"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["price", _ABSENT], 1),
        (["lint", _ABSENT], 1),
        (["draw-tariff", _ABSENT, "--out", "t.svg"], 1),
        (["verify", _ABSENT], 2),
        (["replay", _ABSENT, "--tariff", _ABSENT], 1),
        (["package", "--without-libraries", "--to", f"{__file__}/package"], 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_file_that_cannot_be_read_is_named(
    words: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == status
    told = capsys.readouterr()
    printed = told.out + told.err
    assert _ABSENT in printed or __file__ in printed
    assert "no such file" in printed or "file exists" in printed or "not a directory" in printed
    assert "Errno" not in printed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("lint t.json --at tomorrow", "'tomorrow' is no instant, as 2026-11-17T06:00Z"),
        ("lint t.json --at 2026-11-17T06:00", "names no zone"),
        ("draw-tariff t.json --out t.svg --start noon", "'noon' is no time like 2026-11-20T17:00"),
        ("draw-tariff t.json --out t.svg --power 0", "is not more than 0"),
        ("demo --trips-per-day -1", "'-1' is no whole number from 0 on"),
        ("serve --port 65536", "'65536' is no whole number from 1 to 65535"),
        ("serve --speed fast", "'fast' is not a number"),
        ("replay s.csv --tariff t.json --limit 0", "'0' is no whole number from 1 on"),
        ("simulate --jobs 0", "'0' is no whole number from 1 on"),
        ("admin tariffs show peer_1 NRD HPC", "'NRD' is not of the form CC*PID"),
        ("admin agreement list", "the following arguments are required: partner"),
        ("books trial --as-of yesterday", "'yesterday' is no instant"),
        ("sell", "invalid choice: 'sell'"),
    ],
)
def test_a_wrong_word_is_refused_with_what_it_should_be(
    words: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert expected in capsys.readouterr().err


def test_a_folder_without_readable_books_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["books", "trial", "--from", str(tmp_path)]) == 1
    assert "has no journal.json\nto fix it: run `make demo`" in capsys.readouterr().err
    (tmp_path / "journal.json").write_text("[")
    assert main(["books", "trial", "--from", str(tmp_path)]) == 1
    assert "journal.json is no JSON" in capsys.readouterr().err


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_environment_that_names_no_living_table_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE", "")
    file = tmp_path / "environment.json"
    with pytest.raises(SystemExit, match="no table is known: run `make serve`"):
        served_ports(file)
    file.write_text("TABLE=t")
    with pytest.raises(SystemExit, match="is no JSON object of names"):
        served_ports(file)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that is ours, at which nothing listens
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        file.write_text(json.dumps({"AWS_ENDPOINT_URL": url}))
        with pytest.raises(SystemExit, match=r"nothing answers at .* run `make serve` again"):
            served_ports(file)
