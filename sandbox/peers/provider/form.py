"""What does a form-encoded request say? `a[b][0]=c` as nested values, and names that exist."""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from sandbox.peers.provider.refusals import Thing, invalid

_OF_THE_SDK_ONLY = {
    "api_key",
    "content_type",
    "headers",
    "idempotency_key",
    "max_network_retries",
    "stripe_account",
    "stripe_context",
    "stripe_version",
}


def parse(text: str) -> Thing:
    """Every leaf is text. Lists are `a[0]=…` or `a[]=…`; anything else in brackets is an object."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        node = tree
        for part in rest:
            inner = node.setdefault(head, {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid object: {name}", param=head)
            node, head = inner, part or str(len(inner))
        node[head] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:  # noqa: ANN401 - text, list or object
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


@cache
def _names(type_name: str) -> frozenset[str]:
    """The parameters that the SDK's own type of this request knows."""
    import stripe.params  # noqa: PLC0415 - slow to import, and only this needs it

    return frozenset(getattr(stripe.params, type_name).__annotations__) - _OF_THE_SDK_ONLY


def check_names(params: Thing, type_name: str) -> None:
    unknown = sorted(set(params) - _names(type_name))
    if unknown:
        raise invalid(f"Received unknown parameter: {unknown[0]}", "parameter_unknown", unknown[0])
