"""How is a run of the settlement machine started? By name; a name is taken once."""

from collections.abc import Mapping
from typing import Any, Protocol


class Machine(Protocol):
    def start(self, name: str, payload: Mapping[str, Any]) -> bool:
        """Start an execution; False when one of that name was started before (also a success)."""

    def running(self, name: str) -> bool:
        """Whether an execution of that name runs now; False also when there never was one."""
