"""Calls of latam-evra-ocpi's client, one a line of JSON on stdin, each answered by one on stdout.

{"call": "get_tokens", "args": ["token"]} → {"value": …} or {"status": 2001, "http": 200, …}. An
argument {"model": "Session", "value": {…}} is an object of the library, or of latam_elsewhere.py's.
It runs in an environment of its own and imports nothing of ours. Without the URL of a version list
the library calls us as it would call its hub.
"""

import asyncio
import json
import sys
from typing import Any

import httpx
import latam_elsewhere
from latam_evra_ocpi import OcpiClient, models
from latam_evra_ocpi.exceptions import OcpiError
from pydantic import ValidationError

Json = dict[str, Any]


async def answers(base_url: str, versions_url: str) -> None:
    elsewhere = latam_elsewhere.Elsewhere(base_url, versions_url) if versions_url else None
    http = httpx.AsyncClient(transport=elsewhere, timeout=30)
    async with http, OcpiClient(base_url=base_url, http_client=http) as client:
        for line in sys.stdin:
            asked = json.loads(line)
            args = [_argument(value) for value in asked["args"]]
            print(json.dumps(await _answer(client, elsewhere, asked["call"], args)), flush=True)


async def _answer(client: OcpiClient, elsewhere: Any, name: str, args: list[Any]) -> Json:
    owner = client if hasattr(client, name) else elsewhere
    try:
        value = await getattr(owner, name)(*args)
    except OcpiError as error:
        told = {"status": error.status_code, "http": error.http_status}
        return {**told, "message": error.status_message}
    except (KeyError, ValidationError) as error:
        return {"unreadable": str(error)}
    return {"value": _plain(value)}


def _argument(value: Any) -> Any:
    if not isinstance(value, dict) or "model" not in value:
        return value
    place = models if hasattr(models, value["model"]) else latam_elsewhere
    return getattr(place, value["model"]).model_validate(value["value"])


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


if __name__ == "__main__":
    asyncio.run(answers(sys.argv[1], "".join(sys.argv[2:])))
