"""Where do large and sealed things lie? Named objects that are written once."""

from typing import Protocol

from chalicelib.domain.errors import Conflict


class FileDiffers(Conflict):
    code = "file_differs"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is already sealed with other content")
        self.name = name


class Files(Protocol):
    def seal(self, name: str, content: bytes, content_type: str) -> None:
        """Write once. The same content again is success; other content raises FileDiffers."""

    def read(self, name: str) -> bytes | None:
        """The content, or None when there is no such file."""

    def names(self, prefix: str) -> list[str]:
        """All names with the prefix, in order."""
