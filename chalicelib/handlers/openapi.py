"""How are pydantic's models told as the schemas of an OpenAPI document?"""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

REF = "#/components/schemas/"
Json = dict[str, Any]
_PARAMETER = re.compile(r"{(\w+)}")


def parameters_of(path: str) -> list[str]:
    return _PARAMETER.findall(path)


def reference(model: type[BaseModel]) -> Json:
    return {"$ref": f"{REF}{name_of(model.__name__)}"}


def schemas_of(models: Iterable[tuple[type[BaseModel], str]]) -> dict[str, Json]:
    """All models, each as it is read (`validation`) or written (`serialization`), by our names."""
    distinct: Any = list(dict.fromkeys(models))
    _, found = models_json_schema(distinct, ref_template=REF + "{model}")
    named = {name_of(name): clean(schema) for name, schema in found["$defs"].items()}
    assert len(named) == len(found["$defs"]), "two models go by one name"
    return named


def name_of(model: str) -> str:
    return model.removesuffix("Shape")


def clean(schema: Any) -> Any:  # noqa: ANN401 - a JSON schema
    """Without pydantic's made-up titles and null defaults; references by our names."""
    if isinstance(schema, list):
        return [clean(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: clean(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
        and not (name == "default" and part is None)
    }
    if "$ref" in kept:
        kept["$ref"] = name_of(kept["$ref"])
    return kept
