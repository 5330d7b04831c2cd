"""How does a person read the API? One page, made from the OpenAPI document, without scripts."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib import import_module
from pkgutil import walk_packages
from re import sub
from typing import Any

from chalicelib import domain, usecases
from chalicelib.domain.errors import DomainError
from chalicelib.handlers.openapi import Json
from chalicelib.handlers.partner_api.docs_style import STYLE
from chalicelib.handlers.partner_api.openapi import document, endpoints, refusals_of
from chalicelib.handlers.partner_api.openapi_text import FIRST_CALLS
from chalicelib.handlers.partner_api.problem import (
    InternalError,
    MethodNotAllowed,
    how_to_fix,
    status_of,
    title_of,
)


@cache
def page(public_url: str) -> str:
    api = document(public_url)
    nouns = "".join(f'<li><a href="#{t["name"]}">{t["name"]}</a></li>' for t in api["tags"])
    menu = (
        f"<nav><b>Plugrail</b><ul>{nouns}"
        '<li><a href="#webhooks">webhooks</a></li><li><a href="#shapes">shapes</a></li>'
        '<li><a href="#problems">problems</a></li>'
        '<li><a href="/v1/openapi.json">openapi.json</a></li></ul></nav>'
    )
    parts = [_about(api), *_nouns(api), _webhooks(api), _shapes(api), _problems()]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plugrail Partner API</title><style>{STYLE}</style></head>"
        f"<body>{menu}<main>{''.join(parts)}</main></body></html>"
    )


def _prose(text: str) -> str:
    """Escaped text with `code`, **strong** and [links](…), in paragraphs."""
    html = escape(text, quote=False)
    html = sub(r"`([^`]+)`", r"<code>\1</code>", html)
    html = sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", html)
    html = sub(r"\[([^\]]+)\]\((https://[^)\"]+)\)", r'<a href="\2">\1</a>', html)
    return "".join(f"<p>{part}</p>" for part in html.split("\n\n"))


def _about(api: Json) -> str:
    info, url = api["info"], api["servers"][0]["url"]
    first = FIRST_CALLS.replace("{url}", url)
    return f"<h1>{info['title']}</h1>{_prose(info['description'])}<pre>{escape(first)}</pre>"


def _nouns(api: Json) -> Iterator[str]:
    by_noun: defaultdict[str, list[str]] = defaultdict(list)
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            by_noun[operation["tags"][0]].append(_operation(api, path, method, operation))
    for noun, operations in by_noun.items():
        yield f'<h2 id="{noun}">{noun}</h2>{"".join(operations)}'


def _operation(api: Json, path: str, method: str, operation: Json) -> str:
    scope = operation["security"][0]["key"][0]
    rows = [
        (part["name"], part["in"], _type(part["schema"]), _text(part), part["required"])
        for part in operation["parameters"]
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    takes = f"<p>Takes {_type(body['schema'])}.</p>" if body else ""
    gives, refused = "", []
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status.startswith("2"):
            shape = content.get("application/json", {}).get("schema")
            gives = f"<p>Answers {status}{' with ' + _type(shape) if shape else ''}.</p>"
        else:
            codes = next(iter(content.values()))["examples"]
            links = " ".join(f'<a href="#{code}">{code}</a>' for code in codes)
            refused.append(f"<li>{status}: {links}</li>")
    said = operation["description"]
    more = "" if said == operation["summary"] else _prose(said)
    return (
        f'<section id="{operation["operationId"]}"><h3><span class="{method}">{method.upper()}'
        f"</span> <code>{escape(path)}</code> {escape(operation['summary'])}</h3>"
        f"{more}<p>Needs the scope <code>{scope}</code>.</p>"
        f"{_table(rows)}{takes}{_example(api, body)}{gives}<details><summary>Refusals</summary>"
        f"<ul>{''.join(refused)}</ul></details></section>"
    )


def _example(api: Json, body: Json) -> str:
    """The first example of the shape that a request takes."""
    name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples = api["components"]["schemas"].get(name, {}).get("examples", ())
    return "".join(f"<pre>{escape(json.dumps(each, indent=2))}</pre>" for each in examples[:1])


def _table(rows: list[tuple[str, str, str, str, bool]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if required else ''}</td><td>{where}</td>"
        f"<td>{kind}</td><td>{text}</td></tr>"
        for name, where, kind, text, required in rows
    )
    return f"<table>{lines}</table>"


def _text(part: Json) -> str:
    return _prose(part.get("description", "")).removeprefix("<p>").removesuffix("</p>")


def _type(schema: Any) -> str:  # noqa: ANN401 - a JSON schema
    """A schema in a few words; references are links to their shape."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#shape-{name}">{name}</a>'
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "allOf" in schema or "anyOf" in schema:
        return " or ".join(_type(part) for part in schema.get("allOf") or schema["anyOf"])
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)


def _webhooks(api: Json) -> str:
    rows = [
        (type_, "", "", _prose(hook["post"]["summary"]), False)
        for type_, hook in api["webhooks"].items()
    ]
    verify = (
        "from standardwebhooks import Webhook\n\n"
        "event = Webhook(secret).verify(request.body, request.headers)  # raises when forged"
    )
    return f'<h2 id="webhooks">webhooks</h2><pre>{escape(verify)}</pre>{_table(rows)}'


def _shapes(api: Json) -> str:
    parts = []
    for name, schema in sorted(api["components"]["schemas"].items()):
        required = set(schema.get("required", ()))
        rows = [
            (field, "", _type(part), _text(part), field in required)
            for field, part in schema.get("properties", {}).items()
        ]
        body = _table(rows) if rows else f"<p>{_type(schema)}</p>"
        parts.append(f'<h3 id="shape-{name}">{name}</h3>{_prose(schema.get("description", ""))}')
        parts.append(body)
    return f'<h2 id="shapes">shapes</h2>{"".join(parts)}'


def _problems() -> str:
    kinds = {kind.code: kind for kind in _every_refusal() if _ours(kind)}
    kinds |= {kind.code: kind for declared in endpoints() for kind in refusals_of(declared)}
    kinds |= {kind.code: kind for kind in (MethodNotAllowed, InternalError)}
    parts = [
        f'<tr id="{code}"><td><code>{code}</code></td><td>{status_of(kind)}</td>'
        f"<td>{title_of(code)}. {_prose(how_to_fix(kind))}</td></tr>"
        for code, kind in sorted(kinds.items())
    ]
    return f'<h2 id="problems">problems</h2><table>{"".join(parts)}</table>'


def _every_refusal() -> list[type[DomainError]]:
    """Those of modules, too, that no request needed so far; always in the same order."""
    for room in (domain, usecases):
        for found in walk_packages(room.__path__, f"{room.__name__}."):
            import_module(found.name)
    return sorted(_every(DomainError), key=lambda kind: (kind.__module__, kind.__name__))


def _every(family: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in family.__subclasses__():
        yield kind
        yield from _every(kind)


def _ours(kind: type[DomainError]) -> bool:
    """What a partner may meet: refusals of the OCPI side and of adapters have readers elsewhere."""
    return kind.__module__.startswith(("chalicelib.domain", "chalicelib.usecases"))
