"""How is a frozen value made in a fifth of the time? Its fields are set, and no guard is asked.

Frozen dataclasses set each field by a call, since an assignment would be refused. While histories
are played they are what they would be if they were not frozen; that nobody assigns to one is what
mypy sees, and what every other test still refuses.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import fields, is_dataclass, make_dataclass
from functools import cache
from inspect import signature
from typing import Any

_ROOMS = ("chalicelib.", "sandbox.simulation.", "sandbox.memory.")
_GUARDS = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}


@contextmanager
def quick_values() -> Iterator[None]:
    with ExitStack() as stack:
        for kind, init in quick_makers():
            for name, made in {"__init__": init, **_GUARDS}.items():
                stack.callback(setattr, kind, name, vars(kind)[name])
                setattr(kind, name, made)
        yield


def is_quick(kind: Any) -> bool:  # noqa: ANN401 - any dataclass
    """Whether this dataclass's fields may be set, as long as it lasts."""
    return kind.__setattr__ is object.__setattr__ and _is_plain(kind)


def quick_makers() -> list[tuple[Any, Any]]:
    """Our own frozen dataclasses whose fields are all given when one is made, and how it is."""
    named = sorted(name for name in sys.modules if name.startswith(_ROOMS))
    found = {
        each: None
        for name in named
        for each in vars(sys.modules[name]).values()
        if _is_frozen(each)
    }
    own = (kind for kind in found if set(vars(kind)) >= {"__init__", *_GUARDS})
    return [(kind, _quick_init(kind)) for kind in own if _is_plain(kind)]


def _is_frozen(kind: Any) -> bool:  # noqa: ANN401 - whatever a module has
    return isinstance(kind, type) and is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined] # a dataclass has them


@cache
def _is_plain(kind: Any) -> bool:  # noqa: ANN401
    given = [name for name in signature(kind.__init__).parameters if name != "self"]
    return given == [part.name for part in fields(kind)]


@cache
def _quick_init(kind: Any) -> Any:  # noqa: ANN401
    """As an ordinary dataclass of the same fields has it: `self.a = a` for each of them."""
    parts = [(part.name, part.type, copy(part)) for part in fields(kind)]
    after = {"__post_init__": None} if hasattr(kind, "__post_init__") else {}
    made = make_dataclass(kind.__name__, parts, namespace=after, repr=False, eq=False)
    return vars(made)["__init__"]
