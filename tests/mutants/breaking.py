"""Which broken versions of some modules are there, and how is one of them switched on?

mutmut (`mutate_file_contents`) writes a module that holds every function in all its broken
versions. `mutmut run` would start pytest for each, which costs more than looking; here the modules
are imported once, and a forked process switches one version on.
"""

import ast
import difflib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from mutmut.mutation.file_mutation import mutate_file_contents

ORIGINAL = "_mutmut_orig"
_THEIRS = "from mutmut.mutation.trampoline import"
_OURS = "from tests.mutants.breaking import"

MutantDict = dict[str, Callable[..., Any]]  # the name that mutmut's modules import

_tables: list[tuple[str, MutantDict]] = []
_on: tuple[MutantDict, str] = ({}, ORIGINAL)
_sources: dict[str, str] = {}


class Change(NamedTuple):
    """Where, what stood there, and what stands there now: numbers would move."""

    where: str
    was: str
    now: str


class Mutant(NamedTuple):
    table: MutantDict
    name: str
    change: Change


def wrap_in_trampoline(
    mutants: MutantDict, *, is_classmethod: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Takes the place of mutmut's decorator of this name, which asks the environment each time."""
    assert not is_classmethod, "the tariff room has no class methods"

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        _tables.append((function.__module__, mutants))

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            table, name = _on
            return mutants[name if table is mutants else ORIGINAL](*args, **kwargs)

        return call

    return wrapped


def switch_on(mutant: Mutant) -> None:
    """For good: in a process of its own."""
    global _on  # noqa: PLW0603 - a call must cost next to nothing
    _on = (mutant.table, mutant.name)


class _BrokenLoader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text()
        broken = mutate_file_contents(self.path, source).code.replace(_THEIRS, _OURS)
        _sources[fullname] = broken
        return compile(broken, self.path, "exec")


class BrokenModules(MetaPathFinder):
    """Imports these files in all their broken versions; everything else as it is."""

    def __init__(self, root: Path, files: Sequence[Path]) -> None:
        names = (".".join(file.relative_to(root).with_suffix("").parts) for file in files)
        self._files = dict(zip(names, files, strict=True))

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        del path, target
        file = self._files.get(fullname)
        if file is None:
            return None
        loader = _BrokenLoader(fullname, str(file))
        return spec_from_file_location(fullname, file, loader=loader)

    def install(self) -> None:
        """Before anything imports them."""
        assert not self._files.keys() & sys.modules.keys(), "imported already"
        sys.meta_path.insert(0, self)


def mutants(room: str) -> Iterator[Mutant]:
    """All of the modules that were imported, which are named from `room` on."""
    texts = {module: _functions(source) for module, source in _sources.items()}
    for module, table in _tables:
        text = texts[module]
        function = next(name for name in table if name != ORIGINAL).rpartition("__mutmut_")[0]
        where = f"{module.removeprefix(room)}.{function.removeprefix('x_')}".replace("xǁ", "")
        for name in table:
            if name != ORIGINAL:
                was, now = _difference(text[f"{function}_{ORIGINAL}"], text[name])
                yield Mutant(table, name, Change(where.replace("ǁ", "."), was, now))


def _functions(source: str) -> dict[str, list[str]]:
    """The lines of each, but for its name."""
    lines = source.splitlines()
    return {
        node.name: [
            line.replace(node.name, "") for line in lines[node.lineno - 1 : node.end_lineno]
        ]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


def _difference(before: list[str], after: list[str]) -> tuple[str, str]:
    changed = list(difflib.unified_diff(before, after, n=0, lineterm=""))[3:]
    gone = [line[1:].strip() for line in changed if line.startswith("-")]
    come = [line[1:].strip() for line in changed if line.startswith("+")]
    return " ".join(gone), " ".join(come)
