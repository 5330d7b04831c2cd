"""Calls of latam-evra-ocpi's client, one a line of JSON on stdin, each answered by one on stdout.

{"call": "get_tokens", "args": ["token"]} → {"value": …} or {"status": 2001, "http": 200}. It runs
in an environment of its own and imports nothing of ours.
"""

import asyncio
import json
import sys
from typing import Any

from latam_evra_ocpi import OcpiClient
from latam_evra_ocpi.exceptions import OcpiError


async def answers(base_url: str) -> None:
    async with OcpiClient(base_url=base_url) as client:
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(await _answer(client, asked["call"], asked["args"])), flush=True)


async def _answer(client: OcpiClient, name: str, args: list[Any]) -> dict[str, Any]:
    try:
        value = await getattr(client, name)(*args)
    except OcpiError as error:
        return {"status": error.status_code, "http": error.http_status}
    if value is None:
        return {"value": None}
    return {"value": value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)}


if __name__ == "__main__":
    asyncio.run(answers(sys.argv[1]))
