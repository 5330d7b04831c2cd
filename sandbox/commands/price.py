"""What does one CDR cost by its tariff? `python -m sandbox price CDR.json`."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain.errors import DomainError, Invalid, Rejected
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.tax import check_sums
from chalicelib.domain.tariff.usage import Part, Usage
from chalicelib.ocpi.lenient.notes import note_of
from sandbox import documents
from sandbox.commands.price_answer import answer_of
from sandbox.commands.refusals import said

_DEFAULT_ZONE = "Europe/Berlin"
_LEFT_OUT = "tariff_left_out"


class SeveralTariffs(Rejected):
    code = "several_tariffs"
    field = "charging_periods"
    how_to_fix = "name the one to price by with --tariff"

    def __init__(self, ids: list[str]) -> None:
        super().__init__(f"the periods name none of several tariffs: {', '.join(ids)}")
        self.ids = ids


class Asked(NamedTuple):
    """`tariff` None: those in the CDR; `time_zone` and `ocpi` empty: find out."""

    document: dict[str, Any]
    tariff: dict[str, Any] | None = None
    time_zone: str = ""
    ocpi: str = ""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "price",
        help="price one CDR by its tariff, exactly and explained",
        description="Price an OCPI CDR by the tariffs in it (or --tariff), unrounded, as JSON on"
        " standard output. A case file works too: an object with `cdr`, and `time_zone` and"
        " `reservation_expired` if there are any. What has no reading is refused on standard"
        " error, by its JSON path.",
    )
    parser.add_argument("cdr", type=Path, metavar="CDR.json", help="as a CPO sent it")
    parser.add_argument("--tariff", type=Path, metavar="T.json", help="price by this one instead")
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        default="",
        help=f"the location's IANA zone; few CDRs tell it (default {_DEFAULT_ZONE})",
    )
    parser.add_argument("--ocpi", **documents.OCPI_OPTION)


def run(args: argparse.Namespace) -> int:
    """Prints the price and returns 0; a refusal goes to standard error, and 1 is returned."""
    try:
        tariff = documents.load(args.tariff) if args.tariff else None
        asked = Asked(documents.load(args.cdr), tariff, args.time_zone, args.ocpi)
        answer = priced(asked)
    except OSError as error:
        return _refuse("no_such_file", said(error))
    except DomainError as error:
        return _refuse(error.code, str(error), error.how_to_fix)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def priced(asked: Asked) -> dict[str, Any]:
    """The answer for a CDR (or a case file), as plain JSON. Raises DomainError."""
    case = asked.document if isinstance(asked.document.get("cdr"), dict) else {}
    value = case.get("cdr", asked.document)
    cdr, mended, spoken = documents.read_cdr(value, asked.ocpi)
    answer: dict[str, Any] = {"ocpi": spoken.version}
    if spoken.because:
        answer["ocpi_recognised_by"] = spoken.because
    if asked.tariff is None:
        tariffs = _tariffs_of(cdr, mended)
    else:
        tariff, notes, _ = documents.read_tariff(asked.tariff, asked.ocpi)
        tariffs = (tariff,)
        mended += tuple(_of_the_tariff(note) for note in notes)
    told = asked.time_zone or str(case.get("time_zone") or "") or documents.time_zone_in(value)
    prepared = {one.id: prepare(one, told or _DEFAULT_ZONE) for one in tariffs}
    expired = case.get("reservation_expired")
    usage = Usage(cdr.start, cdr.end, cdr.periods, expired if isinstance(expired, bool) else None)
    default = next(iter(prepared.values())) if len(prepared) == 1 else None
    price = _with_tax_sums(price_session(prepared, usage, default), cdr)
    assumed = "" if told or not _uses_clock(prepared) else _DEFAULT_ZONE
    return {**answer, **answer_of(price, tariffs, mended, assumed)}


def _with_tax_sums(price: Price, cdr: ReceivedCdr) -> Price:
    """Of a list of taxes only the sums can be checked; where they do not add up is a warning."""
    parts = [cost for part, cost in cdr.costs.items() if part is not Part.TOTAL]
    differing = check_sums(cdr.total_cost, parts)
    return replace(price, warnings=(*price.warnings, *differing))


def _uses_clock(prepared: dict[str, PreparedTariff]) -> bool:
    limits = (element.restrictions for one in prepared.values() for element in one.tariff.elements)
    return any(
        limit.start_time
        or limit.end_time
        or limit.start_date
        or limit.end_date
        or limit.day_of_week
        for limit in limits
    )


def _tariffs_of(cdr: ReceivedCdr, mended: tuple[str, ...]) -> tuple[Tariff, ...]:
    """The embedded tariffs that the periods name; if they name none, the only one there is."""
    if not cdr.tariffs:
        for note in map(note_of, mended):
            if note.code == _LEFT_OUT:
                raise Invalid(note.path, note.words, "or name a tariff with --tariff")
        raise Invalid("tariffs", "the CDR has no tariff", "name one with --tariff")
    named = {period.tariff_id.lower() for period in cdr.periods} - {""}
    fitting = tuple(tariff for tariff in cdr.tariffs if tariff.id.lower() in named)
    if not fitting and len(cdr.tariffs) > 1:
        raise SeveralTariffs([tariff.id for tariff in cdr.tariffs])
    return fitting or cdr.tariffs


def _of_the_tariff(text: str) -> str:
    code, path, words = note_of(text)
    return f"{code} tariff.{path}: {words}"


def _refuse(code: str, detail: str, how_to_fix: str = "") -> int:
    print(f"refused ({code}): {detail}", file=sys.stderr)
    if how_to_fix:
        print(f"  {how_to_fix}", file=sys.stderr)
    return 1
