"""Which sources do the tidiness tests walk, and what does a syntax tree say of them?"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("chalicelib", "infra", "sandbox", "tests", "bench")
EXCEPTIONS = ROOT / "tests" / "tidy" / "exceptions.toml"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    path: str  # from the repository's root
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Each function with its dotted name."""
        yield from _functions(self.tree, "")


@cache
def sources() -> tuple[Source, ...]:
    paths = [ROOT / "app.py"]
    for room in ROOMS:
        paths += sorted((ROOT / room).rglob("*.py"))
    found = []
    for path in paths:
        text = path.read_text()
        found.append(Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    return tuple(found)


def within(*prefixes: str) -> list[Source]:
    return [source for source in sources() if source.path.startswith(prefixes)]


def length(function: Function) -> int:
    """Lines from `def` to the end; its docstring does not count."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def exceptions(kind: str) -> dict[str, Any]:
    """What may break a rule, by `path` or `path:function`, with the limit that holds instead."""
    listed = tomllib.loads(EXCEPTIONS.read_text()).get(kind, [])
    return {exception["where"]: exception for exception in listed}


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}.{child.name}" if prefix else child.name
            yield name, child
        elif isinstance(child, ast.ClassDef):
            name = f"{prefix}.{child.name}" if prefix else child.name
        yield from _functions(child, name)
