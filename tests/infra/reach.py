"""What can a function of ours do outside of itself? Read from the code, without running it.

From its handler, every name that code mentions is followed through handlers, use cases, domain and
wire to the ports' methods. What is mentioned may be called: the answer is never too small.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from sandbox.aws.package import ROOT

PORTS = {"store", "personal", "files", "secrets", "cpos", "payments", "payouts", "web", "rates"}
PORTS |= {"emsps", "personal_salt", "public_url", "clock", "ids", "mailbox", "bank_messages"}
# A port that is our own code on other ports, and a port that is handed on before it is asked.
_OURS = {"bank_payouts": ("chalicelib.usecases.bank.rail", "SepaPayouts")}
_HANDED_ON = {"payouts"}
_FOLLOWED = tuple(f"chalicelib.{room}" for room in ("handlers", "usecases", "domain", "ocpi"))
_WRITES = {"Put", "Delete", "Require"}

Name = tuple[str, str]  # module, and what it defines; "" is the module's own statements


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """`port` may also be "wiring" (then `method` is its function) or "settings"."""

    port: str
    method: str
    module: str


@dataclass
class _Module:
    name: str
    defined: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, set[Name]] = field(default_factory=dict)
    statements: list[ast.stmt] = field(default_factory=list)


@cache
def modules() -> dict[str, _Module]:
    found = {}
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = _read(name, ast.parse(path.read_text()))
    return found


def _read(name: str, tree: ast.Module) -> _Module:
    module = _Module(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                here = module.imported.setdefault(alias.asname or alias.name, set())
                here.add((str(node.module), alias.name))  # a function's own imports among them
        elif isinstance(node, ast.Import):
            assert not [a for a in node.names if a.name.startswith("chalicelib")], f"{name}: from"
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                module.defined[statement.name] = statement
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(target)):
                module.defined[target] = statement
            case ast.Import() | ast.ImportFrom():
                pass
            case _:
                module.statements.append(statement)
    return module


def uses(*roots: Name) -> set[Use]:
    """Every use of a port that can be reached from these names."""
    known, waiting, found = set(roots), list(roots), set[Use]()
    while waiting:
        module, name = waiting.pop()
        for node in _nodes(module, name):
            found.update(_uses_of(module, node))
            new = set(_mentioned(module, node)) - known
            known |= new
            waiting += new
    return found


def everything_in(*packages: str) -> list[Name]:
    """The names and the statements of all modules below these packages."""
    inside = [module for module in modules() if module.startswith(packages)]
    assert inside, packages
    return [(module, name) for module in inside for name in (*modules()[module].defined, "")]


def _nodes(module: str, name: str) -> list[ast.AST]:
    known = modules()[module]
    return [known.defined[name]] if name else list(known.statements)


def _mentioned(module: str, inside: ast.AST) -> Iterator[Name]:
    for node in ast.walk(inside):
        if isinstance(node, ast.Name):
            yield from _resolved(module, node.id)
        elif isinstance(node, ast.Attribute) and node.attr in _OURS:
            yield _OURS[node.attr]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for source in modules()[module].imported.get(node.value.id, ()):
                yield from _resolved(".".join(source), node.attr)


def _resolved(module: str, name: str) -> Iterator[Name]:
    """Where a name is defined, through re-exports; nothing for what is not ours."""
    known = modules().get(module)
    if known is None or not module.startswith(_FOLLOWED):
        return
    if name in known.defined:
        yield module, name
    for source in known.imported.get(name, ()):
        yield from _resolved(*source)


def _uses_of(module: str, inside: ast.AST) -> Iterator[Use]:
    for node in ast.walk(inside):
        match node:
            case ast.Attribute(value=ast.Attribute(value=holder, attr=port), attr=method) if (
                port in PORTS and _is_bundle(holder)
            ):
                yield Use(port, method, module)
            case ast.Attribute(value=holder, attr=port) if port in _HANDED_ON and _is_bundle(
                holder
            ):
                yield Use(port, "", module)
            case ast.Attribute(value=holder, attr="personal_salt") if _is_bundle(holder):
                yield Use("personal_salt", "", module)
            case ast.Attribute(value=ast.Name("store"), attr=method):
                yield Use("store", method, module)
            case ast.Attribute(value=ast.Name("wiring"), attr=method):
                yield Use("wiring", method, module)
            case ast.Attribute(attr="settle_wait_s"):
                yield Use("settings", "settle_wait_s", module)
            case ast.Call(func=ast.Name(kind)) if kind in _WRITES:
                yield from (Use("write", how, module) for how in _how(kind, node))


def _is_bundle(holder: ast.AST) -> bool:
    """`ports`, `call.ports` … or the call `wiring.ports()`."""
    match holder:
        case ast.Name("ports") | ast.Attribute(attr="ports"):
            return True
        case ast.Call(func=ast.Attribute(attr="ports")):
            return True
        case _:
            return False


def _how(kind: str, call: ast.Call) -> set[str]:
    """How a write is said to DynamoDB: a Put that expects nothing is an Update."""
    expects = [keyword.value for keyword in call.keywords if keyword.arg == "expects"]
    if kind != "Put":
        return {kind}
    match expects:
        case [ast.Constant(None)]:
            return {"Update"}
        case [] | [ast.Constant() | ast.Name("ABSENT") | ast.Attribute(attr="version")]:
            return {"Put"}
        case _:
            return {"Put", "Update"}
