"""How does each `--help` teach? A command says what it does, an argument what holds without it."""

import argparse
from typing import Any


class Teacher(argparse.ArgumentParser):
    """A parser whose commands' parsers, and theirs, are of its kind."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 - as argparse has it
        said.setdefault("formatter_class", _Formatter)
        super().__init__(**said)
        self.register("action", "parsers", _Commands)


class _Formatter(argparse.HelpFormatter):
    """Tells a default that the argument's own words do not, and keeps lines that were broken."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        words = action.help or ""
        silent = action.default in (None, False, "", argparse.SUPPRESS)
        if silent or action.required or "default" in words:
            return words
        return f"{words} (default %(default)s)"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


# Nowhere else is seen what a list says of a command; generic it is in the stubs only.
class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]  # noqa: SLF001 - see above
    """What a list says of a command in a line is also its own help's first."""

    def add_parser(self, name: str, **said: Any) -> Any:  # noqa: ANN401 - as argparse has it
        words = str(said.get("help", ""))
        said.setdefault("description", f"{words[:1].upper()}{words[1:]}.")
        return super().add_parser(name, **said)
