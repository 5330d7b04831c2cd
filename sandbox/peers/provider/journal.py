"""How do the books survive a restart? Every command is written down before it is carried out.

The provider does nothing by chance, so the same commands make the same books again. A line takes a
few hundred bytes; one that a kill cut short was never answered and is dropped.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """One JSON line a command; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def commands(self) -> Iterator[list[Any]]:
        """What was written before; then the file is open for more."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = 0
        if self._path.exists():
            with self._path.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    whole += len(line)
                    yield json.loads(line)
            with self._path.open("r+b") as file:
                file.truncate(whole)
        self._file = self._path.open("a", encoding="utf-8")

    def write(self, *command: Any) -> None:  # noqa: ANN401 - plain JSON
        if self._file is not None:
            self._file.write(json.dumps(command, separators=(",", ":")) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
