"""What does one CDR cost by its tariff? `python -m sandbox price CDR.json`."""

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import DomainError, Invalid, Rejected
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price, PriceLine
from chalicelib.domain.tariff.tariff import Dimension, Tariff
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.tariff import read_tariff

_UNITS = {
    Dimension.ENERGY: "kWh",
    Dimension.FLAT: "session",
    Dimension.PARKING_TIME: "s",
    Dimension.TIME: "s",
}
_DIGITS_MAX = 28  # of a quotient that does not terminate
_DEFAULT_ZONE = "Europe/Berlin"


class SeveralTariffs(Rejected):
    code = "several_tariffs"
    field = "charging_periods"
    how_to_fix = "name the one to price by with --tariff"

    def __init__(self, ids: list[str]) -> None:
        super().__init__(f"the periods name several tariffs: {', '.join(ids)}")
        self.ids = ids


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "price",
        help="price one CDR by its tariff, exactly and explained",
        description="Price an OCPI 2.2.1 CDR by the tariff in it (or --tariff), unrounded, as JSON."
        " A case file works too: an object with `cdr`, and `time_zone` if there is one.",
    )
    parser.add_argument("cdr", type=Path, metavar="CDR.json")
    parser.add_argument("--tariff", type=Path, metavar="T.json", help="price by this one instead")
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        help=f"the location's IANA zone; a CDR does not tell it (default {_DEFAULT_ZONE})",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the price and returns 0; a refusal goes to stderr as JSON, and 1 is returned."""
    try:
        answer = priced(_object(args.cdr), args.tariff and _object(args.tariff), args.time_zone)
    except OSError as error:
        return _refuse({"code": "no_such_file", "detail": str(error)})
    except DomainError as error:
        refusal = {"code": error.code, "detail": str(error), "field": error.field}
        if error.how_to_fix:
            refusal["how_to_fix"] = error.how_to_fix
        return _refuse(refusal)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def priced(
    document: dict[str, Any], tariff: dict[str, Any] | None, time_zone: str | None
) -> dict[str, Any]:
    """The answer for a CDR (or a case file), as plain JSON. Raises DomainError."""
    warnings: list[dict[str, str]] = []
    cdr_object = document.get("cdr", document)
    if time_zone is None and "cdr" in document and document.get("time_zone"):
        time_zone = str(document["time_zone"])
    cdr, mended = read_cdr(cdr_object)
    warnings += [{"code": "mended", "text": text} for text in mended]
    if tariff is None:
        chosen = _tariff_of(cdr)
    else:
        chosen, notes = read_tariff(tariff)
        warnings += [{"code": "mended", "text": f"tariff.{text}"} for text in notes]
    prepared = prepare(chosen, time_zone or _DEFAULT_ZONE)
    if time_zone is None and prepared.edges.clock_s:
        text = f"prices depend on local time and no zone was named: {_DEFAULT_ZONE} was taken"
        warnings.append({"code": "time_zone_assumed", "text": text})
    expired = document.get("reservation_expired") if "cdr" in document else None
    result = price(prepared, Usage(cdr.start, cdr.end, cdr.periods, expired))
    return _answer(result, chosen, warnings)


def _tariff_of(cdr: ReceivedCdr) -> Tariff:
    """The one embedded tariff that the periods name."""
    if not cdr.tariffs:
        raise Invalid("tariffs", "the CDR has no readable tariff", "name one with --tariff")
    named = {period.tariff_id.lower() for period in cdr.periods} - {""}
    fitting = [tariff for tariff in cdr.tariffs if tariff.id.lower() in named] or list(cdr.tariffs)
    if len(fitting) > 1:
        raise SeveralTariffs([tariff.id for tariff in fitting])
    return fitting[0]


def _answer(result: Price, tariff: Tariff, warnings: list[dict[str, str]]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "excl_vat": _text(result.excl_vat),
        "incl_vat": None if result.incl_vat is None else _text(result.incl_vat),
        "currency": tariff.currency,
        "tariff_id": tariff.id,
        "components": [_component(line) for line in result.lines],
        "taxes": [
            {
                "vat": None if part.vat is None else _text(part.vat),
                "excl_vat": _text(part.excl_vat),
                "incl_vat": None if part.incl_vat is None else _text(part.incl_vat),
            }
            for part in result.taxes
        ],
        "warnings": list(warnings),
    }
    if result.limit:
        answer["limit"] = result.limit
    for warning in result.warnings:
        found = {"code": warning.code, "text": warning.text}
        if warning.off:
            found["off_by_at_most"] = _text(warning.off)
        answer["warnings"].append(found)
    return answer


def _component(line: PriceLine) -> dict[str, Any]:
    component: dict[str, Any] = {
        "dimension": line.dimension.value,
        "element": line.element,
        "quantity": _text(line.quantity),
        "unit": _UNITS[line.dimension],
        "price": _text(line.price),
        "vat": None if line.vat is None else _text(line.vat),
        "excl_vat": _text(line.excl_vat),
        "incl_vat": None if line.incl_vat is None else _text(line.incl_vat),
    }
    if line.step_extra:
        component["added_by_step_size"] = _text(line.step_extra)
    if line.reservation:
        component["reservation"] = True
    return component


def _text(number: Decimal) -> str:
    """Exact; a quotient that does not terminate is cut to 28 digits."""
    if len(number.as_tuple().digits) > _DIGITS_MAX:
        number = +number
    return format(number.normalize() if number else Decimal(0), "f")


def _object(path: Path) -> dict[str, Any]:
    return parse_object(path.read_bytes())


def _refuse(refusal: dict[str, str]) -> int:
    print(json.dumps(refusal, indent=2, ensure_ascii=False), file=sys.stderr)
    return 1
