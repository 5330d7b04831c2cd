"""Which table does a command speak to? The one that the environment or `make serve` names."""

import json
import os
import sys
from pathlib import Path

from chalicelib import wiring
from chalicelib.ports.bundle import Ports

SERVED = Path("build/serve/environment.json")


def served_ports(environment: Path) -> Ports:
    """The bundle of the environment; names of a JSON file are used unless TABLE is set."""
    if not os.environ.get("TABLE"):
        if not environment.exists():
            sys.exit(f"no table is known: run `make serve` or set TABLE; {environment} is absent")
        os.environ.update(json.loads(environment.read_text()))
    return wiring.ports()
