"""How is a simulated CPO started? `python -m sandbox.peers.cpo --port N --config cpo.json`."""

import json
from decimal import Decimal
from pathlib import Path

from sandbox.peers.cpo.server import application
from sandbox.peers.serving import arguments, serve


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--config", type=Path, required=True, help="see sandbox/peers/README.md")
    parser.add_argument("--state", type=Path, help="a file that outlives a restart")
    chosen = parser.parse_args()
    config = json.loads(chosen.config.read_bytes(), parse_float=Decimal)
    serve(application(config, chosen.state), chosen.port)


if __name__ == "__main__":
    main()
