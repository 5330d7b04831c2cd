"""How does a peer serve its application on this machine, and tell the time in text?"""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

import uvicorn


def serve(app: Any, port: int) -> None:  # noqa: ANN401 - any ASGI application
    """Serve until told to end. Loopback only: peers trust whoever reaches them."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser with what every peer has: its port."""
    spec = sys.modules["__main__"].__spec__  # of what was started with `python -m`
    name = f"python -m {spec.name.removesuffix('.__main__')}" if spec else None
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("--port", type=int, required=True, help="where it listens, on 127.0.0.1")
    return parser


def epoch(text: str) -> int:
    """Whole seconds of an RFC 3339 instant; without a designator it is UTC, as OCPI says."""
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def instant(seconds: int) -> str:
    """RFC 3339 in UTC, with Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
