"""What does a tariff look like? `python -m sandbox draw-tariff TARIFF.json --out FILE.svg`."""

import argparse
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import DomainError, Invalid
from sandbox import documents
from sandbox.commands import typed as read
from sandbox.commands.refusals import said
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
    parser.add_argument("tariff", type=Path, metavar="TARIFF.json", help="one OCPI tariff")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.svg", help="the picture to write"
    )
    parser.add_argument(
        "--start",
        type=read.local_time,
        help="local time, e.g. 2026-11-20T17:00 (default: the last full hour)",
    )
    parser.add_argument(
        "--time-zone", default="Europe/Berlin", metavar="ZONE", help="the location's, IANA"
    )
    for name, default, metavar, words in (
        ("--power", 50, "KW", "what the car takes"),
        ("--energy", 60, "KWH", "what it charges"),
        ("--hours", 3, "H", "how long it stays connected"),
    ):
        parser.add_argument(
            name, type=read.above_zero, default=Decimal(default), metavar=metavar, help=words
        )
    parser.add_argument("--ocpi", **documents.OCPI_OPTION)


def run(args: argparse.Namespace) -> int:
    """Writes the file and returns 0; a refusal is said, and 1 is returned."""
    try:
        args.out.write_text(drawn(args))
    except OSError as error:
        print(f"not drawn: {said(error)}", file=sys.stderr)
        return 1
    except DomainError as error:
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
