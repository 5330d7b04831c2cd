"""How does a call reach its code? By the maps of app.py: a module is imported when it is needed.

A cold start pays for what its first request needs, and for nothing else (docs/adr/0016). The maps
name modules below `chalicelib.handlers` only, so that the law of imports holds for them too; a
module says with `answers` what it serves, and tests hold both together.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from chalice.app import Blueprint, Chalice, Request, Response

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Ids = Mapping[str, str]  # the segments of a path, as they came
View = Callable[[Request, Ids], Response]

_views: dict[tuple[str, str], View] = {}  # by method and path, of the modules imported so far


class Route(NamedTuple):
    path: str
    methods: tuple[str, ...]
    module: str  # below chalicelib.handlers


def answers(path: str, *methods: str) -> Callable[[View], View]:
    """Make a view the one that answers a route."""

    def made(view: View) -> View:
        _views.update({(method, path): view for method in methods})
        return view

    return made


def answered() -> set[tuple[str, str]]:
    """The methods and paths that the modules imported so far serve."""
    return set(_views)


def imported(module: str) -> Any:  # noqa: ANN401 - a module has what it defines
    return import_module(f"chalicelib.handlers.{module}")


def import_all(routes: Iterable[Route]) -> None:
    """For what is told of every endpoint, whichever was asked for before."""
    for module in dict.fromkeys(route.module for route in routes):
        imported(module)


def add_routes(app: Chalice, routes: Iterable[Route]) -> None:
    for route in routes:
        # No content types: Chalice would refuse others in a form that is not ours.
        app.route(route.path, methods=list(route.methods), content_types=[])(_view(app, route))


def _view(app: Chalice, route: Route) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        imported(route.module)
        request = app.current_request
        assert request is not None, "Chalice sets it before it calls a view"
        return _views[request.method, route.path](request, ids)

    return view


def add_functions(app: Chalice, functions: Mapping[str, str]) -> None:
    """Lambda imports a function's own module, and neither app.py nor Chalice."""
    for name, module in functions.items():
        blueprint = Blueprint(f"chalicelib.handlers.{module}")
        blueprint.lambda_function(name=name)(_function(name, module))
        app.register_blueprint(blueprint)


def _function(name: str, module: str) -> Callable[[Any, Any], Any]:
    def function(event: Any, context: Any) -> Any:  # noqa: ANN401 - JSON, and Lambda's own
        return getattr(imported(module), name)(event, context)

    function.__name__ = name  # Chalice makes of it where Lambda looks for it
    return function
