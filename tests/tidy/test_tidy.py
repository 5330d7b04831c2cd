"""Is the house tidy? The rules of style that no linter knows; exceptions stand in a list."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

from tests.tidy.trees import ROOT, Source, exceptions, length, sources, within

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
APP_LINES_MAX = 60
_SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "service", "data", "info", "misc"}
_SILENCED = re.compile(
    r"#\s*(?:ruff:\s*)?(?:noqa|type:\s*ignore)\b"
    r"(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[a-z, -]+\])?\s*(?P<reason>(?:#|-)\s*\S)?"
)
_CODE = re.compile(r"[A-Z]+\d+|[a-z][a-z-]+")


def test_there_is_no_float_in_the_domain() -> None:
    """Amounts are minor units, exact numbers are decimals."""
    found = [
        f"{source.path}:{node.lineno}"
        for source in within("chalicelib/domain/")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert not found


def test_files_can_be_read_in_one_sitting() -> None:
    allowed = exceptions("file")
    found = {
        source.path: source.lines
        for source in sources()
        if source.lines > allowed.get(source.path, {}).get("lines", FILE_LINES_MAX)
    }
    assert not found


def test_functions_fit_on_a_screen() -> None:
    allowed = exceptions("function")
    found = {}
    for source in sources():
        for name, function in source.functions():
            where, lines = f"{source.path}:{name}", length(function)
            if lines > allowed.get(where, {}).get("lines", FUNCTION_LINES_MAX):
                found[where] = lines
    assert not found


def test_every_exception_is_still_needed_and_has_a_reason() -> None:
    lengths = {source.path: source.lines for source in sources()}
    needless = [path for path in exceptions("file") if lengths.get(path, 0) <= FILE_LINES_MAX]
    functions = {
        f"{source.path}:{name}": length(function)
        for source in sources()
        for name, function in source.functions()
    }
    needless += [
        where for where in exceptions("function") if functions.get(where, 0) <= FUNCTION_LINES_MAX
    ]
    listed = [*exceptions("file").values(), *exceptions("function").values()]
    unreasoned = [exception["where"] for exception in listed if not exception.get("reason")]
    assert not needless
    assert not unreasoned


def test_every_module_says_first_what_it_is_for() -> None:
    """Test files may leave it to their name and their sentences."""
    found = []
    for source in sources():
        said = (ast.get_docstring(source.tree) or "").split("\n\n")[0].rstrip()
        is_test = source.path.rsplit("/", 1)[-1].startswith("test_")
        if source.text.strip() and not said.endswith((".", "?", ":", "!", ")")) and not is_test:
            found.append(source.path)
    assert not found


def test_names_of_modules_say_something() -> None:
    stems = {
        source.path: source.path.rsplit("/", 1)[-1].removesuffix(".py") for source in sources()
    }
    assert not [path for path, stem in stems.items() if stem in _SAYS_NOTHING]


def test_names_of_test_files_are_unique() -> None:
    names = Counter(
        source.path.rsplit("/", 1)[-1]
        for source in within("tests/")
        if source.path.rsplit("/", 1)[-1].startswith("test_")
    )
    assert not [name for name, count in names.items() if count > 1]


def test_the_map_of_entry_points_stays_a_map() -> None:
    (app,) = within("app.py")
    assert app.lines <= APP_LINES_MAX


def test_the_map_names_handlers_only() -> None:
    (app,) = within("app.py")
    imported = [node.module for node in ast.walk(app.tree) if isinstance(node, ast.ImportFrom)]
    assert imported
    assert not [
        module
        for module in imported
        if module is None or not module.startswith(("chalice.app", "chalicelib.handlers."))
    ]


def test_the_code_refuses_to_run_without_its_assertions() -> None:
    command = [sys.executable, "-O", "-c", "import chalicelib"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our interpreter
    assert done.returncode == 1
    assert "assertions" in done.stderr


def test_a_silenced_check_says_why() -> None:
    """The first time in a file: the same reason need not be said on every line."""
    assert not [place for source in sources() for place in _silenced_without_reason(source)]


def _silenced_without_reason(source: Source) -> Iterator[str]:
    reasoned: set[str] = set()
    for number, line in enumerate(source.text.splitlines(), 1):
        silenced = _SILENCED.search(line)
        if silenced is None:
            continue
        codes = set(_CODE.findall(silenced["codes"]))
        if silenced["reason"]:
            reasoned |= codes
        elif not codes or codes - reasoned:
            yield f"{source.path}:{number}"


def _calls(source: Source, *names: str) -> list[str]:
    """Where one of the dotted names is mentioned."""
    return [
        f"{source.path}:{node.lineno}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(names)
    ]


def test_only_the_settings_read_the_environment() -> None:
    found = [
        place
        for source in within("chalicelib/", "app.py")
        if source.path != "chalicelib/wiring/settings.py"
        for place in _calls(source, "os.environ", "os.getenv")
    ]
    assert not found


def test_only_the_clock_reads_wall_time() -> None:
    names = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    found = [
        place
        for source in within("chalicelib/")
        if source.path != "chalicelib/adapters/clock.py"
        for place in _calls(source, *names)
    ]
    assert not found
