"""How does a paper become a PDF? Courier on A4: every character is as wide as the next.

The fonts are of those that every reader has (PDF 1.7, 9.6.2.2), so that nothing is embedded.
"""

from collections.abc import Iterator
from io import BytesIO
from unicodedata import combining, normalize

import pydyf

from chalicelib.ports.papers import Column, PrintedPaper

_WIDTH, _HEIGHT = 595, 842  # A4 in points
_LEFT, _TOP, _BOTTOM = 42, 800, 60
_LINE, _SIZE, _TITLE = 11, 8, 14
_FONTS = {"F1": "Courier", "F2": "Courier-Bold"}
_INSTEAD = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "\u0131": "i", "→": "->", "\u2212": "-"}
)
_Styled = tuple[str, str, int]  # font, text, size


class PdfPapers:
    """Implements ports.papers.Papers."""

    def pdf(self, paper: PrintedPaper) -> bytes:
        document = pydyf.PDF()
        resources = _resources(document)
        pages = _pages(paper)
        for number, lines in enumerate(pages, 1):
            footer = f"{paper.title}    {number} / {len(pages)}"
            stream = _stream([*_placed(lines), ("F1", footer, _SIZE, _BOTTOM - 2 * _LINE)])
            document.add_object(stream)
            document.add_page(
                pydyf.Dictionary(
                    {
                        "Type": "/Page",
                        "Parent": document.pages.reference,
                        "MediaBox": pydyf.Array([0, 0, _WIDTH, _HEIGHT]),
                        "Contents": stream.reference,
                        "Resources": resources.reference,
                    }
                )
            )
        out = BytesIO()
        document.write(out)  # no identifier, no date: the same paper is the same bytes
        return out.getvalue()


def _resources(document: pydyf.PDF) -> pydyf.Dictionary:
    fonts = pydyf.Dictionary()
    for short, name in _FONTS.items():
        font = pydyf.Dictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type1",
                "BaseFont": f"/{name}",
                "Encoding": "/WinAnsiEncoding",
            }
        )
        document.add_object(font)
        fonts[short] = font.reference
    resources = pydyf.Dictionary({"Font": fonts})
    document.add_object(resources)
    return resources


def _pages(paper: PrintedPaper) -> list[list[_Styled]]:
    """The lines of each page; the table's head stands on each that has rows."""
    room = (_TOP - _BOTTOM) // _LINE - 2
    head: _Styled = (
        "F2",
        _row(paper.columns, tuple(column.name for column in paper.columns)),
        _SIZE,
    )
    pages: list[list[_Styled]] = [[*_opening(paper), head]]
    for row in paper.rows:
        if len(pages[-1]) >= room:
            pages.append([head])
        pages[-1].append(("F1", _row(paper.columns, row), _SIZE))
    for line in _closing(paper):
        if len(pages[-1]) >= room:
            pages.append([])
        pages[-1].append(line)
    return pages


def _opening(paper: PrintedPaper) -> Iterator[_Styled]:
    yield "F2", paper.title, _TITLE
    yield "F1", "", _SIZE
    for name, value in paper.facts:
        yield "F1", f"{name:<22}{value}", _SIZE
    yield "F1", "", _SIZE


def _closing(paper: PrintedPaper) -> Iterator[_Styled]:
    yield "F1", "", _SIZE
    for name, value in paper.totals:
        yield "F2", f"{name:<44}{value:>20}", _SIZE
    for note in paper.notes:
        yield "F1", note, _SIZE


def _row(columns: tuple[Column, ...], cells: tuple[str, ...]) -> str:
    return " ".join(_cell(*pair) for pair in zip(columns, cells, strict=True))


def _cell(column: Column, text: str) -> str:
    cut = text if len(text) <= column.width else f"{text[: column.width - 1]}."
    return cut.rjust(column.width) if column.right else cut.ljust(column.width)


def _placed(lines: list[_Styled]) -> Iterator[tuple[str, str, int, int]]:
    for number, (font, text, size) in enumerate(lines):
        yield font, text, size, _TOP - number * _LINE


def _stream(lines: list[tuple[str, str, int, int]]) -> pydyf.Stream:
    stream = pydyf.Stream(compress=True)
    for font, text, size, y in lines:
        if text.strip():
            stream.begin_text()
            stream.set_font_size(font, size)
            stream.move_text_to(_LEFT, y)
            stream.stream.append(b"(" + _encoded(text) + b") Tj")
            stream.end_text()
    return stream


def _encoded(text: str) -> bytes:
    """In the fonts' alphabet, western Europe's; other letters lose their marks, or are a `?`.

    The statement's JSON and CSV have every name as it is.
    """
    found = bytearray()
    for letter in text:
        found += _letter(letter)
    return bytes(found).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _letter(letter: str) -> bytes:
    for known in (letter, letter.translate(_INSTEAD), _bare(letter)):
        try:
            return known.encode("cp1252")
        except UnicodeEncodeError:
            continue
    return b"?"


def _bare(letter: str) -> str:
    return "".join(part for part in normalize("NFKD", letter) if not combining(part))
