"""How does a fresh process answer its first request? As deployed, but that the table is a file.

Run by bench/imports.py in a process of its own, so nothing is imported here that a function does
not import. `told` has the request as API Gateway hands it on, and the stored items by table.
"""

import json
import sys
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.handlers import BUILTIN_HANDLERS

from app import app

Json = dict[str, Any]


def main(file: str) -> None:
    """Answer the request of a told file; end with status 1 unless that succeeds."""
    told = json.loads(Path(file).read_text())
    table = _Table(told["tables"])
    BUILTIN_HANDLERS.append(("before-send.dynamodb", table.answer))
    answer = app(told["event"], None)
    said = json.loads(answer["body"])
    if answer["statusCode"] >= 300 or said.get("status_code", 1000) != 1000:
        sys.exit(f"refused: {answer}")


class _Table:
    """Reads are answered from the items of a file, writes are taken and forgotten."""

    def __init__(self, tables: dict[str, list[Json]]) -> None:
        self._tables = tables

    def answer(self, request: Any, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's event
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        asked = json.loads(request.body)
        match operation:
            case "GetItem":
                found = self._keyed(asked["TableName"], [asked["Key"]])
                said: Json = {"Item": found[0]} if found else {}
            case "BatchGetItem":
                wanted = asked["RequestItems"].items()
                said = {"Responses": {name: self._keyed(name, one["Keys"]) for name, one in wanted}}
            case "Query":
                said = {"Items": self._queried(asked)}
            case _:
                said = {}
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(said))

    def _keyed(self, table: str, keys: list[Json]) -> list[Json]:
        return [item for item in self._tables[table] for key in keys if key.items() <= item.items()]

    def _queried(self, asked: Json) -> list[Json]:
        values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        items = {
            one["sk"]["S"]: one
            for one in self._tables[asked["TableName"]]
            if one["pk"]["S"] == values[":pk"]
        }
        condition = asked["KeyConditionExpression"].partition(" AND ")[2].partition("(")[0]
        low, high = values.get(":a", ""), values.get(":b", "")
        within = {
            "": lambda _: True,
            "begins_with": lambda sk: sk.startswith(low),
            "sk > :a": lambda sk: sk > low,
            "sk < :a": lambda sk: sk < low,
            "sk BETWEEN :a AND :b": lambda sk: low <= sk <= high,
        }[condition]
        found = sorted(filter(within, items), reverse=not asked["ScanIndexForward"])
        return [items[sk] for sk in found[: asked["Limit"]]]


class _Raw:
    """A body as urllib3 would stream it."""

    def __init__(self, said: Json) -> None:
        self._said = said

    def stream(self) -> Any:  # noqa: ANN401
        yield json.dumps(self._said).encode()
