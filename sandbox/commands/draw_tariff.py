"""What does a tariff look like? `python -m sandbox draw-tariff TARIFF.json --out FILE.svg`."""

import argparse
import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import DomainError, Invalid
from sandbox import documents
from sandbox.picture.page import draw
from sandbox.picture.session import Imagined

_HOURS_MAX = 24 * 7


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "draw-tariff",
        help="draw what sessions cost by a tariff, as SVG",
        description="Draw the price of a session over time and over energy, and of a kWh through"
        " the week where the tariff depends on it. The session charges at even power and stays"
        " connected.",
    )
    parser.add_argument("tariff", type=Path, metavar="TARIFF.json")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.svg")
    parser.add_argument(
        "--start",
        type=datetime.fromisoformat,
        help="local time, e.g. 2026-11-20T17:00 (default: the last full hour)",
    )
    parser.add_argument("--time-zone", default="Europe/Berlin", metavar="ZONE")
    parser.add_argument("--power", type=_positive, default=Decimal(50), metavar="KW")
    parser.add_argument("--energy", type=_positive, default=Decimal(60), metavar="KWH")
    parser.add_argument("--hours", type=_positive, default=Decimal(3), metavar="H")
    parser.add_argument("--ocpi", choices=documents.VERSIONS, default="")


def run(args: argparse.Namespace) -> int:
    """Writes the file and returns 0; a refusal is said, and 1 is returned."""
    try:
        args.out.write_text(drawn(args))
    except (OSError, DomainError) as error:
        print(f"not drawn: {error}", file=sys.stderr)
        return 1
    print(f"{args.out} drawn")
    return 0


def drawn(args: argparse.Namespace) -> str:
    if args.out.suffix != ".svg":
        raise Invalid("out", f"{args.out} does not end in .svg, the one format that is drawn")
    if args.hours > _HOURS_MAX or args.energy / args.power > _HOURS_MAX:
        raise Invalid("hours", f"more than {_HOURS_MAX} hours do not fit into a picture")
    tariff, _, _ = documents.read_tariff(documents.load(args.tariff), args.ocpi)
    try:
        zone = ZoneInfo(args.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid("time_zone", f"{args.time_zone!r} is not an IANA time zone") from error
    at = args.start or datetime.now(UTC).astimezone(zone).replace(minute=0)
    start = at.replace(second=0, microsecond=0, tzinfo=zone)
    return draw(Imagined(tariff, start, args.time_zone, args.power, args.energy, args.hours))


def _positive(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not (value.is_finite() and 0 < value < 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not more than 0 and less than 100,000")
    return value
