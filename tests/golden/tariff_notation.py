"""How is a tariff case written in a few lines? Our notation, as OCPI objects.

A tariff is one element a line: components joined by ` + `, then `when` and its restrictions.
    FLAT 2.50 vat 15
    TIME 1.25 vat 20 step 600 when min_current 32 day_of_week SATURDAY,SUNDAY
    max_price 10 11                                   (excl. VAT, incl. VAT if there is one)
A session is one period a line (UTC; +1 is the day after), then its end.
    12:30 TIME 1.9 ENERGY 20 MIN_CURRENT 43
    14:24 PARKING_TIME 1.1833333333 tariff -          (- names none)
    +1 00:10 end
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

TARIFF_ID = "T1"
_DATES = ("start_time", "end_time", "start_date", "end_date", "reservation")


def tariff_object(text: str) -> dict[str, Any]:
    tariff: dict[str, Any] = {
        "country_code": "DE",
        "party_id": "TST",
        "id": TARIFF_ID,
        "currency": "EUR",
        "elements": [],
        "last_updated": "2018-12-17T11:16:55Z",
    }
    for line in text.strip().splitlines():
        words = line.split()
        if words[0] in ("min_price", "max_price"):
            names = ("excl_vat", "incl_vat")
            tariff[words[0]] = dict(zip(names, map(Decimal, words[1:]), strict=False))
        else:
            tariff["elements"].append(_element(line))
    return tariff


def cdr_object(day: date, session: str, tariff: dict[str, Any]) -> dict[str, Any]:
    periods: list[dict[str, Any]] = []
    *lines, last = session.strip().splitlines()
    for line in lines:
        at, words = _instant(day, line)
        pairs = dict(zip(words[::2], words[1::2], strict=True))
        period: dict[str, Any] = {"start_date_time": at, "tariff_id": TARIFF_ID}
        named = pairs.pop("tariff", TARIFF_ID)
        if named == "-":
            del period["tariff_id"]
        else:
            period["tariff_id"] = named
        period["dimensions"] = [
            {"type": name, "volume": Decimal(volume)} for name, volume in pairs.items()
        ]
        periods.append(period)
    end, _ = _instant(day, last)
    return {
        "country_code": "DE",
        "party_id": "TST",
        "id": "C1",
        "start_date_time": periods[0]["start_date_time"],
        "end_date_time": end,
        "cdr_token": {"uid": "012345678"},
        "cdr_location": {"id": "LOC1", "evse_uid": "1", "connector_id": "1"},
        "currency": "EUR",
        "tariffs": [tariff],
        "charging_periods": periods,
        "total_cost": {"excl_vat": Decimal(0)},
        "total_energy": sum(
            one["volume"]
            for period in periods
            for one in period["dimensions"]
            if one["type"] == "ENERGY"
        ),
        "total_time": Decimal(0),
        "last_updated": end,
    }


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
    component: dict[str, Any] = {"type": kind, "price": Decimal(price)}
    for name, value in zip(rest[::2], rest[1::2], strict=True):
        component["step_size" if name == "step" else name] = Decimal(value)
    return component
