"""Which OCPI objects are in a file or a folder? Their texts, one after the other, however many.

A `.jsonl` file has an object a line; any other has one object, a list, or an OCPI response with a
page of them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from chalicelib.ocpi.envelope.body import BYTES_MAX, MalformedJson, parse_items, text_of


class Found(NamedTuple):
    """An object's text, and where it stands; `refused` says why there is none."""

    place: str
    text: str
    bytes: int
    refused: str = ""


def files_in(path: Path) -> list[Path]:
    """The file itself, or every .json and .jsonl below a folder. Raises OSError."""
    if not path.is_dir():
        path.stat()
        return [path]
    return sorted(one for one in path.rglob("*") if one.suffix in {".json", ".jsonl"})


def objects_in(files: Iterable[Path]) -> Iterator[Found]:
    for file in files:
        yield from _lines(file) if file.suffix == ".jsonl" else _document(file)


def _lines(file: Path) -> Iterator[Found]:
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(BYTES_MAX + 1):
            number += 1
            size, place = len(line), f"{file}:{number}"
            while len(line) > BYTES_MAX and not line.endswith(b"\n"):  # the rest of it
                line = lines.readline(BYTES_MAX + 1)
                size += len(line)
            if size > BYTES_MAX:
                yield Found(place, "", size, f"the line is larger than {BYTES_MAX:,} bytes")
            elif line.strip():
                yield _found(place, line)


def _found(place: str, raw: bytes) -> Found:
    try:
        return Found(place, text_of(raw), len(raw))
    except MalformedJson as error:
        return Found(place, "", len(raw), str(error))


def _document(file: Path) -> Iterator[Found]:
    size = file.stat().st_size
    if size > BYTES_MAX:
        text = f"the file is larger than {BYTES_MAX:,} bytes: make it one object a line (.jsonl)"
        yield Found(str(file), "", size, text)
        return
    try:
        text = text_of(file.read_bytes())
        page = f'{{"data":{text}}}' if text.lstrip().startswith("[") else text
        envelope, items = parse_items(page)
    except MalformedJson as error:
        yield Found(str(file), "", size, str(error))
        return
    if not items and "data" not in envelope and envelope:
        yield Found(str(file), text, size)
    for number, item in enumerate(items):
        yield Found(f"{file}:{number}", item.text, len(item.text))
