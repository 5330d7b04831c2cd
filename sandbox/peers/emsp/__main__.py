"""How is a simulated eMSP started? `python -m sandbox.peers.emsp --port N --config emsp.json`."""

import json
from pathlib import Path

from sandbox.peers.emsp.server import application
from sandbox.peers.serving import arguments, serve


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--config", type=Path, required=True, help="see sandbox/peers/README.md")
    chosen = parser.parse_args()
    serve(application(json.loads(chosen.config.read_bytes())), chosen.port)


if __name__ == "__main__":
    main()
