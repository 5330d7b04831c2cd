"""Which table does a command speak to? The one that the environment or `make serve` names."""

import json
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib import wiring
from chalicelib.ports.bundle import Ports

SERVED = Path("build/serve/environment.json")
ENVIRONMENT = "JSON of environment names, used unless TABLE is set"  # the option's help


def served_ports(environment: Path) -> Ports:
    """The bundle of the environment; names of a JSON file are used unless TABLE is set."""
    if not os.environ.get("TABLE"):
        if not environment.exists():
            sys.exit(f"no table is known: run `make serve` or set TABLE; {environment} is absent")
        os.environ.update(_names(environment))
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint and not _answers(endpoint):
        sys.exit(f"nothing answers at {endpoint}, which was to be the AWS: run `make serve` again")
    return wiring.ports()


def _names(environment: Path) -> dict[str, str]:
    try:
        said = json.loads(environment.read_bytes())
        return {str(name): str(value) for name, value in said.items()}
    except (ValueError, AttributeError) as error:
        sys.exit(f"{environment} is no JSON object of names: {error}")


def _answers(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address.hostname or "", address.port or 80)) == 0
