"""Where are secrets kept? By name, never in the table, never in a log."""

from typing import Protocol


class Secrets(Protocol):
    def read(self, name: str) -> str:
        """The secret's present value; KeyError when there is none."""

    def write(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None:
        """Forget the secret at once; one that is not there is success."""
