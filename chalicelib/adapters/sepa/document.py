"""How is XML that others wrote read without harm? Small trees, no document type, hard limits.

Entities are declared in a document type, so that refusing it refuses billion laughs and outside
entities alike. Sizes, depth and counts are bounded before memory is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from chalicelib.ports.bank import NoBankFile

BYTES_MAX = 20_000_000  # a statement of 10,000 entries has about 12 MB
_DEPTH_MAX = 40  # ISO 20022's deepest path has about 20 elements
_ELEMENTS_MAX = 1_000_000
_NAMESPACE = " "  # expat puts it between a name's namespace and the name
_ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1", "utf-16")


@dataclass(slots=True)
class Element:
    """`name` without its namespace; paths below are such names with `/` between them."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, path: str) -> Iterator["Element"]:
        first, _, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def one(self, path: str) -> "Element | None":
        return next(self.all(path), None)

    def said(self, *paths: str) -> str:
        """The first text that stands at one of the paths, or ""."""
        for path in paths:
            for found in self.all(path):
                if found.text.strip():
                    return found.text.strip()
        return ""


@dataclass(slots=True)
class Document:
    namespace: str
    root: Element


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.namespace = ""
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _DEPTH_MAX:
            raise NoBankFile(f"deeper than {_DEPTH_MAX} elements")
        if self._count > _ELEMENTS_MAX:
            raise NoBankFile(f"more than {_ELEMENTS_MAX} elements")
        namespace, _, local = name.rpartition(_NAMESPACE)
        element = Element(local, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root, self.namespace = element, namespace
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        self._open[-1].text += text


def read_document(content: bytes) -> Document:
    """The tree of a whole document, or NoBankFile."""
    if len(content) > BYTES_MAX:
        raise NoBankFile(f"larger than {BYTES_MAX} bytes")
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=_NAMESPACE)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.EntityDeclHandler = _no_document_type
    parser.XmlDeclHandler = _known_encoding
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NoBankFile(f"not well-formed ({error})") from error
    if builder.root is None:
        raise NoBankFile("empty")
    return Document(builder.namespace, builder.root)


def _no_document_type(*_said: object) -> NoReturn:
    raise NoBankFile("has a document type")


def _known_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise NoBankFile("has an encoding that banks do not use")
