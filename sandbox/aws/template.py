"""What is merged into Chalice's template? All of infra/*.json, the state machines filled in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MACHINES = {
    "SettlementMachine": "settlement.asl.json",
    "CounterpartyMachine": "counterparty.asl.json",
}
_ASL = ".asl.json"


class InfraConflict(ValueError):
    """Two files of infra say different things of one property."""


def merged(infra: Path) -> dict[str, Any]:
    """One template part from the folder's files, in the order of their names."""
    template: dict[str, Any] = {}
    for path in sorted(infra.glob("*.json")):
        if not path.name.endswith(_ASL):
            template = _merge(template, json.loads(path.read_text()), path.name)
    for logical_id, name in _MACHINES.items():
        definition = json.loads((infra / name).read_text())
        properties = template["Resources"][logical_id]["Properties"]
        properties["DefinitionString"] = json.dumps(definition, separators=(",", ":"))
    return template


def _merge(ours: Mapping[str, Any], theirs: Mapping[str, Any], where: str) -> dict[str, Any]:
    result = dict(ours)
    for name, value in theirs.items():
        place = f"{where}: {name}"
        present = result.get(name)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[name] = _merge(present, value, place)
        elif name in result and present != value:
            raise InfraConflict(place)
        else:
            result[name] = value
    return result
