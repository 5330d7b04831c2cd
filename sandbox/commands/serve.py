"""How is the channel tried by hand? `make serve`: the demo's market, with time that passes."""

import argparse
import json
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from sandbox.commands import typed as read
from sandbox.market.cast import APP, RHEINSTROM, THE_CAST
from sandbox.market.flowing import Flow
from sandbox.market.house import House
from sandbox.market.opening import Opened, open_market

OUT = Path("build/serve")
ENVIRONMENT = OUT / "environment.json"
PORT = 8000
_PORT_MAX = 65_535
SPEED = 60
OPENS = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)  # a Monday
_RADIUS_M = 5000
_POWER_W = 150_000
_JSON = "-H 'Content-Type: application/json'"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "serve",
        help="the same market at http://127.0.0.1:8000, to try by hand",
        description="Serves the channel with seeded parties until Ctrl-C. Its clock goes by itself."
        " `python -m sandbox admin` speaks to it meanwhile.",
    )
    port = read.whole(1, _PORT_MAX)
    parser.add_argument("--port", type=port, default=PORT, help="of the API on 127.0.0.1")
    parser.add_argument(
        "--speed", type=read.above_zero, default=SPEED, help="sandbox seconds in one of yours"
    )


def run(arguments: argparse.Namespace) -> int:
    console = Console(soft_wrap=True, highlight=False)
    if _taken(arguments.port):
        console.print(f"port {arguments.port} is taken: end what uses it, or name another --port")
        return 1
    console.print("Starting AWS, the API, three CPOs, the payment provider and a bank …")
    shutil.rmtree(OUT, ignore_errors=True)
    with House(OUT / "house", OPENS, THE_CAST.cpos, port=arguments.port) as house:
        opened = open_market(house)
        with _environment(house):
            _say(console, house, opened, float(arguments.speed))
            # A shell that starts it in the background makes it deaf to Ctrl-C's signal.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with suppress(KeyboardInterrupt):
                Flow(house, float(arguments.speed)).run()
        console.print("Stopping everything that was started …")
    return 0


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _environment(house: House) -> Iterator[None]:
    """What `sandbox admin` needs to reach this AWS, while it is there."""
    variables = dict(house.aws.environment)
    for environment in house.aws.stack.environments.values():
        variables.update(environment)
    ENVIRONMENT.write_text(json.dumps(variables, indent=1, sort_keys=True) + "\n")
    try:
        yield
    finally:
        ENVIRONMENT.unlink(missing_ok=True)


def _say(console: Console, house: House, opened: Opened, speed: float) -> None:
    key = opened.keys[APP.name]
    lines = curl_lines(house, key)
    passes = "for seconds in each of yours" if speed == 1 else f"{speed:g} times as fast as yours"
    console.print(
        f"\n[bold]Plugrail[/] at {house.url}   its clock stands at {house.now():%d %b %Y %H:%M} UTC"
        f" and goes {passes}\n"
        f"  documentation   {house.url}/v1/docs\n"
        f"  OpenAPI         {house.url}/v1/openapi.json; by OCPI {house.url}/ocpi/openapi.json\n"
        f"  a partner's key {key}   (the app {APP.party.name}; it pays by card)\n"
    )
    for title, line in lines:
        console.print(f"[bold]{title}[/]")
        console.print(line + "\n", markup=False)
    console.print(
        "Staff: python -m sandbox admin party list   (and --help: parties, terms, keys, top-ups)\n"
        f"Logs: {OUT}/house/logs\n"
        "Ctrl-C ends it, and everything it started."
    )
    sys.stdout.flush()


def curl_lines(house: House, key: str) -> list[tuple[str, str]]:
    """What to paste, with ids that are really there. The start asks for a quote of its own."""
    _, city, latitude, longitude = RHEINSTROM.cities[0]
    query = f"latitude={latitude}&longitude={longitude}&radius_m={_RADIUS_M}&min_power_w={_POWER_W}"
    headers = {"Authorization": f"Bearer {key}"}
    found = house.http.get(f"{house.url}/v1/locations?{query}", headers=headers)
    found.raise_for_status()
    token = house.http.post(
        f"{house.url}/v1/tokens",
        json={"driver_reference": "driver-1", "payment_source": "pm_card_visa"},
        headers=headers,
    )
    token.raise_for_status()
    curl = f"curl -s -H 'Authorization: Bearer {key}'"
    quote = f"{curl} {_JSON} {house.url}/v1/quotes -d '{json.dumps(_wish(found.json()))}'"
    start = (
        f'{curl} {_JSON} {house.url}/v1/sessions -H "Idempotency-Key: try-$(date +%s)" -d \''
        '{"quote_id": "\'$(' + quote + " | grep -o 'quo_[0-9a-z]*' | head -n 1)'\", "
        f'"token_id": "{token.json()["id"]}"' + "}'"
    )
    return [
        (f"1. Which fast chargers are near {city}?", f"{curl} '{house.url}/v1/locations?{query}'"),
        ("2. What will 20 kWh cost there?", quote),
        ("3. Charge (asks for a quote and starts it)", start),
        ("   Watch it: charging, then billed", f"{curl} {house.url}/v1/sessions"),
    ]


def _wish(found: dict[str, Any]) -> dict[str, Any]:
    location = found["data"][0]
    evse = location["evses"][0]
    return {
        "location_id": location["id"],
        "evse_uid": evse["uid"],
        "connector_id": evse["connectors"][0]["id"],
        "energy_kwh": "20",
        "duration_s": 1800,
    }
