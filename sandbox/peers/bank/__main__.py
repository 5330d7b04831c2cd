"""How is the simulated bank started? `python -m sandbox.peers.bank --port 8430 --bucket B …`."""

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.peers.bank.bank import Bank, BankSide, Fate
from sandbox.peers.bank.box import BucketSide
from sandbox.peers.serving import arguments, instant, serve


def application(bank: Bank, kept: Path | None = None) -> Starlette:
    """`/sim/…` tells it the time and what happens next; it acts only then."""

    async def tick(request: Request) -> JSONResponse:
        said, before = await request.json(), bank.brought
        bank.tick(datetime.fromisoformat(said["now"]))
        return _answer(brought=bank.brought - before)

    async def account(request: Request) -> JSONResponse:
        """`{"iban", "refused": "", "fails": "", "returns": ""}`: it exists, and its next fate."""
        said: dict[str, Any] = await request.json()
        bank.accounts.add(said["iban"])
        fate = {name: said[name] for name in ("refused", "fails", "returns") if name in said}
        if fate:
            bank.fates[said["iban"]] = Fate(**fate)
        return _answer()

    async def credit(request: Request) -> JSONResponse:
        """`{"minor", "text"}`: money arrives from outside, or the bank takes a fee."""
        said = await request.json()
        bank.credit(int(said["minor"]), str(said.get("text", "")))
        return _answer()

    async def state(_request: Request) -> JSONResponse:
        return JSONResponse(_holds(bank))

    def _answer(**more: int) -> JSONResponse:
        if kept is not None:
            _save(bank, kept)
        return JSONResponse(_holds(bank) | more)

    return Starlette(
        routes=[
            Route("/sim/tick", tick, methods=["POST"]),
            Route("/sim/account", account, methods=["POST"]),
            Route("/sim/credit", credit, methods=["POST"]),
            Route("/sim/state", state),
            Route("/", state),
        ]
    )


def _holds(bank: Bank) -> dict[str, Any]:
    now = instant(int(bank.now.timestamp()))
    return {"now": now, "minor": bank.minor, "promised_minor": bank.promised}


def _save(bank: Bank, kept: Path) -> None:
    """Whole or not at all: a bank that forgets what it took would pay twice."""
    mailbox, bank.mailbox = bank.mailbox, _NOBODY
    written = kept.with_suffix(".new")
    try:
        written.write_bytes(pickle.dumps(bank))
    finally:
        bank.mailbox = mailbox
    written.replace(kept)


def read_state(kept: Path, side: BankSide) -> Bank:
    """The bank as it was saved, on a mailbox of today."""
    bank: Bank = pickle.loads(kept.read_bytes())  # noqa: S301 - written by itself
    bank.mailbox = side
    return bank


class _Nobody:
    """Stands for the mailbox in a saved state: connections are not kept."""

    def instructions(self) -> list[str]:
        return []

    def take(self, name: str) -> bytes:
        raise KeyError(name)

    def bring(self, name: str, content: bytes) -> None:
        raise KeyError(name, len(content))


_NOBODY = _Nobody()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument(
        "--bucket", required=True, help="the mailbox (out/, in/), by AWS_* as usual"
    )
    parser.add_argument("--iban", required=True, help="the channel's account at this bank")
    parser.add_argument("--now", required=True, help="RFC 3339: when its first day begins")
    parser.add_argument("--state", type=Path, help="where it is kept, to survive a restart")
    chosen = parser.parse_args()
    side = BucketSide(boto3.client("s3"), chosen.bucket)
    if chosen.state and chosen.state.exists():
        bank = read_state(chosen.state, side)
    else:
        bank = Bank(side, chosen.iban, datetime.fromisoformat(chosen.now).astimezone(UTC))
    serve(application(bank, chosen.state), chosen.port)


if __name__ == "__main__":
    main()
