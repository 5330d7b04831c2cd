"""How does the simulated CPO remember over a restart? One appended line for each change."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.peers.cpo.envelope import dumps


class Journal:
    """Lines of `[kind, body]`, in the order of what happened. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")

    def read(self) -> Iterator[tuple[str, Any]]:
        """Every whole line. What a kill cut short at the end is dropped, as if never written."""
        if self._file is None:
            return
        self._file.seek(0)
        whole = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            kind, body = json.loads(line, parse_float=Decimal)
            yield kind, body
        self._file.truncate(whole)

    def append(self, kind: str, body: object) -> None:
        if self._file is not None:
            self._file.write(dumps([kind, body]) + b"\n")
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
