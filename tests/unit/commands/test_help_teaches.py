"""Whoever asks any command for help learns what it does, and what each word of it means."""

import argparse
from collections.abc import Iterator

import pytest

from sandbox.__main__ import commands

_Shown = tuple[str, argparse.ArgumentParser]


def _all(name: str, parser: argparse.ArgumentParser) -> Iterator[_Shown]:
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb, verbs_parser in action.choices.items():
                yield from _all(f"{name} {verb}", verbs_parser)


COMMANDS = list(_all("sandbox", commands()))


@pytest.mark.parametrize(("name", "parser"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_help_says_what_a_command_does_and_what_its_words_mean(
    name: str, parser: argparse.ArgumentParser
) -> None:
    said = parser.format_help()
    assert parser.description
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            assert action.help, f"{name}: {action.dest}"
        else:
            unexplained = set(action.choices) - {listed.dest for listed in action._choices_actions}
            assert not unexplained
    defaults = [a for a in parser._actions if a.option_strings and isinstance(a.default, int | str)]
    for action in defaults:
        if action.default and action.default != argparse.SUPPRESS and not action.required:
            assert str(action.default) in " ".join(said.split()), f"{name}: {action.dest}"


def test_a_list_of_commands_is_what_the_commands_say_of_themselves() -> None:
    by_name = dict(COMMANDS)
    assert "refuse a key from now on" in by_name["sandbox admin key"].format_help()
    assert by_name["sandbox admin key revoke"].description == "Refuse a key from now on."
