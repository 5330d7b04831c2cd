"""How is the simulated provider started? `python -m sandbox.peers.provider --port 8420`."""

import os
from functools import partial
from pathlib import Path

from sandbox.peers.clock import FILE, now_by
from sandbox.peers.provider.app import App
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Provider
from sandbox.peers.serving import arguments, serve


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--state", type=Path, help="where its journal lies, to survive a restart")
    parser.add_argument("--config", type=Path, help="a JSON file of settings (see config.py)")
    chosen = parser.parse_args()
    url = f"http://127.0.0.1:{chosen.port}"
    provider = Provider(Config.read(chosen.config), Journal(chosen.state), url)
    serve(App(provider, partial(now_by, os.environ.get(FILE, ""))), chosen.port)


if __name__ == "__main__":
    main()
