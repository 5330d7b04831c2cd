"""How is a tariff case written in a few lines? Our notation, as OCPI objects.

A tariff is one element a line: components joined by ` + `, then `when` and its restrictions.
    FLAT 2.50 vat 15                                  (no VAT statement without `vat`; step 1)
    TIME 1.25 vat 20 step 600 when min_current 32 day_of_week SATURDAY,SUNDAY
    max_price 10 11                                   (excl. VAT, incl. VAT if there is one)
    tax_included YES                                  (of OCPI 2.3.0: YES, NO or N/A)
    tariff T2                                         (another tariff; the first is T1)
A session is one period a line (UTC; +1 is the day after), then its end.
    12:30 TIME 1.9 ENERGY 20 MIN_CURRENT 43
    14:24 PARKING_TIME 1.1833333333 tariff -          (- names none)
    +1 00:10 end
A claim is the CDR's total: excl. VAT, incl. VAT, or the taxes of OCPI 2.3.0 by name.
    10 12
    10 GST 0.50 QST 0.9975
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

TARIFF_ID = "T1"
VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
_DATES = ("start_time", "end_time", "start_date", "end_date", "reservation")
_PARTY = {"country_code": "DE", "party_id": "TST"}


def tariff_object(text: str, version: str = "2.2.1") -> dict[str, Any]:
    (tariff,) = tariff_objects(text, version)
    return tariff


def tariff_objects(text: str, version: str = "2.2.1") -> list[dict[str, Any]]:
    found = [_empty_tariff(TARIFF_ID, version)]
    for line in text.strip().splitlines():
        name, *words = line.split()
        if name == "tariff":
            if not found[-1]["elements"]:
                found.pop()
            found.append(_empty_tariff(words[0], version))
        elif name in ("min_price", "max_price"):
            found[-1][name] = _price(words, version, "after_taxes")
        elif name == "tax_included":
            found[-1][name] = words[0]
        else:
            found[-1]["elements"].append(_element(line))
    return found


def cdr_object(
    day: date,
    session: str,
    *tariffs: dict[str, Any],
    claim: str = "0",
    version: str = "2.2.1",
    credit: bool = False,
) -> dict[str, Any]:
    *lines, last = session.strip().splitlines()
    periods = [_period(day, line, version) for line in lines]
    end, _ = _instant(day, last)
    volumes = [one for period in periods for one in period["dimensions"]]
    cdr: dict[str, Any] = {
        **_head(version),
        "id": "C1",
        "start_date_time": periods[0]["start_date_time"],
        "stop_date_time" if version == "2.1.1" else "end_date_time": end,
        "currency": "EUR",
        "tariffs": list(tariffs),
        "charging_periods": periods,
        "total_cost": _claim(claim, version),
        "total_energy": sum(one["volume"] for one in volumes if one["type"] == "ENERGY"),
        "total_time": Decimal(0),
        "last_updated": end,
    }
    return cdr | ({"credit": True, "credit_reference_id": "C0"} if credit else {})


def _empty_tariff(tariff_id: str, version: str) -> dict[str, Any]:
    return {
        **({} if version == "2.1.1" else _PARTY),
        "id": tariff_id,
        "currency": "EUR",
        "elements": [],
        **({"tax_included": "NO"} if version == "2.3.0" else {}),
        "last_updated": "2018-12-17T11:16:55Z",
    }


def _head(version: str) -> dict[str, Any]:
    """What names a CDR's token and place."""
    if version == "2.1.1":
        evse = {"uid": "1", "connectors": [{"id": "1"}]}
        return {"auth_id": "DE8ACC12E46L89", "location": {"id": "LOC1", "evses": [evse]}}
    place = {"id": "LOC1", "evse_uid": "1", "connector_id": "1"}
    return {**_PARTY, "cdr_token": {"uid": "012345678"}, "cdr_location": place}


def _price(words: list[str], version: str, incl: str) -> Any:
    amounts = [Decimal(word) for word in words]
    if version == "2.1.1":
        return amounts[0]
    names = ("before_taxes", incl) if version == "2.3.0" else ("excl_vat", "incl_vat")
    return dict(zip(names, amounts, strict=False))


def _claim(text: str, version: str) -> Any:
    excl, *rest = text.split()
    if version != "2.3.0":
        return _price([excl, *rest], version, "")
    if len(rest) == 1:
        rest = ["VAT", str(Decimal(rest[0]) - Decimal(excl))]
    taxes = [
        {"name": name, "amount": Decimal(amount)}
        for name, amount in zip(rest[::2], rest[1::2], strict=True)
    ]
    return {"before_taxes": Decimal(excl), "taxes": taxes}


def _period(day: date, line: str, version: str) -> dict[str, Any]:
    at, words = _instant(day, line)
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    named = pairs.pop("tariff", TARIFF_ID)
    period: dict[str, Any] = {"start_date_time": at}
    if named != "-" and version != "2.1.1":
        period["tariff_id"] = named
    period["dimensions"] = [
        {"type": name, "volume": Decimal(volume)} for name, volume in pairs.items()
    ]
    return period


def _instant(day: date, line: str) -> tuple[str, list[str]]:
    first, *words = line.split()
    if first.startswith("+"):
        day += timedelta(days=int(first))
        first, *words = words
    clock = first if first.count(":") == 2 else f"{first}:00"
    return f"{day.isoformat()}T{clock}Z", words


def _element(line: str) -> dict[str, Any]:
    left, _, right = line.partition(" when ")
    element: dict[str, Any] = {"price_components": [_component(one) for one in left.split(" + ")]}
    words = right.split()
    limits: dict[str, Any] = {}
    for name, value in zip(words[::2], words[1::2], strict=True):
        if name == "day_of_week":
            limits[name] = value.split(",")
        else:
            limits[name] = value if name in _DATES else Decimal(value)
    if limits:
        element["restrictions"] = limits
    return element


def _component(text: str) -> dict[str, Any]:
    kind, price, *rest = text.split()
    component: dict[str, Any] = {"type": kind, "price": Decimal(price), "step_size": Decimal(1)}
    for name, value in zip(rest[::2], rest[1::2], strict=True):
        component["step_size" if name == "step" else name] = Decimal(value)
    return component
