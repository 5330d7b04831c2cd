"""What was mended in an object, or could not be carried, and where? Told once for each kind.

A note is the text `code path: words`: `number_as_text elements.0.price_components.0.price: '0.49'
was sent for a number`. Codes are stable, paths are JSON's names and numbers joined by dots.
"""

import re
from typing import NamedTuple

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")
_KINDS_MAX = 200  # a peer may invent as many names as fit into its message


class Note(NamedTuple):
    code: str
    path: str
    words: str


class Notes:
    """Collects notes; a hundred periods that are mended alike are one note that says so."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[Note, int]] = {}

    def add(self, code: str, path: str, words: str) -> None:
        kind = code, _NUMBER.sub("*", path)
        known = self._found.get(kind)
        if known is not None:
            self._found[kind] = known[0], known[1] + 1
        elif len(self._found) < _KINDS_MAX:
            self._found[kind] = Note(code, path, words), 0

    def told(self) -> tuple[str, ...]:
        if not self._found:
            return ()
        return tuple(
            f"{note.code} {note.path}: {note.words}{f' (and {more} more alike)' if more else ''}"
            for note, more in self._found.values()
        )


def note_of(text: str) -> Note:
    """The parts of a note's text."""
    head, _, words = text.partition(": ")
    code, _, path = head.partition(" ")
    return Note(code, path, words)
