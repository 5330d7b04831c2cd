"""How is a price shown as JSON, with its lines, warnings and what was mended?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.tariff.result import ComponentSum, Price, PriceLine
from chalicelib.domain.tariff.tariff import Dimension, Tariff
from chalicelib.ocpi.lenient.notes import note_of

_UNITS = {
    Dimension.ENERGY: "kWh",
    Dimension.FLAT: "session",
    Dimension.PARKING_TIME: "s",
    Dimension.TIME: "s",
}
_DIGITS_MAX = 28  # of a quotient that does not terminate


def answer_of(
    price: Price, tariffs: Sequence[Tariff], mended: Sequence[str], zone_assumed: str
) -> dict[str, Any]:
    """All amounts are texts with every digit, in the currency of the tariffs."""
    answer: dict[str, Any] = {
        "currency": tariffs[0].currency,
        "excl_vat": _text(price.excl_vat),
        "incl_vat": _maybe(price.incl_vat),
        "tariff_ids": [tariff.id for tariff in tariffs],
        "components": [_component(one, price.lines) for one in price.components],
        "taxes": [
            {
                "vat": _maybe(part.vat),
                "excl_vat": _text(part.excl_vat),
                "incl_vat": _maybe(part.incl_vat),
            }
            for part in price.taxes
        ],
        "warnings": _warnings(price, zone_assumed),
        "mended": [note_of(text)._asdict() for text in mended],
    }
    if not price.excl_known:
        answer["excl_vat_known"] = False
    if price.limits:
        answer["limits"] = [
            {
                "name": effect.name,
                "tariff_id": effect.tariff_id,
                "added_excl_vat": _text(effect.excl_vat),
                "added_incl_vat": _maybe(effect.incl_vat),
            }
            for effect in price.limits
        ]
    return answer


def _warnings(price: Price, zone_assumed: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    if zone_assumed:
        text = f"prices depend on local time and no zone was named: {zone_assumed} was taken"
        found.append({"code": "time_zone_assumed", "text": text})
    for warning in price.warnings:
        one = {"code": warning.code, "text": warning.text}
        if warning.off:
            one["off_by_at_most"] = _text(warning.off)
        found.append(one)
    return found


def _component(one: ComponentSum, lines: Sequence[PriceLine]) -> dict[str, Any]:
    basis = one.basis
    component: dict[str, Any] = {
        "dimension": basis.dimension.value,
        "tariff_id": basis.tariff_id,
        "element": basis.element,
        "quantity": _text(one.quantity),
        "unit": _UNITS[basis.dimension],
        "price": _text(basis.price),
        "vat": _maybe(basis.vat),
        "excl_vat": _text(one.excl_vat),
        "incl_vat": _maybe(one.incl_vat),
    }
    if one.step_extra:
        component["added_by_step_size"] = _text(one.step_extra)
    if basis.reservation:
        component["reservation"] = True
    component["periods"] = [_period(line) for line in lines if line.basis == basis]
    return component


def _period(one: PriceLine) -> dict[str, Any]:
    period: dict[str, Any] = {
        "period": one.period,
        "start": _instant(one.start),
        "why": one.basis.why or "the element has no restriction",
        "volume": _text(one.volume),
        "excl_vat": _text(one.excl_vat),
    }
    if one.step_extra:
        period["added_by_step_size"] = _text(one.step_extra)
    return period


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _maybe(number: Decimal | None) -> str | None:
    return None if number is None else _text(number)


def _text(number: Decimal) -> str:
    """Exact; a quotient that does not terminate is cut to 28 digits."""
    if len(number.as_tuple().digits) > _DIGITS_MAX:
        number = +number
    return format(number.normalize() if number else Decimal(0), "f")
