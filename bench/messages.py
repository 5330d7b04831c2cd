"""What do a CPO and the payment provider send in an ordinary session? JSON of the usual size.

One period in each PATCH, and the members that OCPI 2.2.1 asks for; the provider's event carries the
whole object, as Stripe's do.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.domain.codec import instant_text

Json = dict[str, Any]

MINUTES = 3  # between two PATCHes
PATCHES = 20  # an hour in all
KWH_A_PATCH = Decimal("1.5")
KWH = KWH_A_PATCH * PATCHES
CHARGER_ID = "7f3c2f0e-6a55-4a1e-9d3b-5b1c0d9e8f7a"
_UNIT = Decimal("0.49")
_TOKEN = {"country_code": "DE", "party_id": "PLG", "type": "APP_USER"}
_FILLER = "x" * 2200  # the members of a PaymentIntent that nobody here reads


def text(body: Json) -> str:
    return json.dumps(body, separators=(",", ":"), default=float)


def put(reference: str, token_uid: str, began: datetime) -> Json:
    """The Session as it begins."""
    return {
        "country_code": "DE",
        "party_id": "RHE",
        "id": CHARGER_ID,
        "start_date_time": instant_text(began),
        "kwh": 0,
        "cdr_token": {**_TOKEN, "uid": token_uid, "contract_id": f"DE-PLG-{token_uid}"},
        "auth_method": "COMMAND",
        "authorization_reference": reference,
        "location_id": "L1",
        "evse_uid": "E1",
        "connector_id": "1",
        "currency": "EUR",
        "charging_periods": [],
        "status": "ACTIVE",
        "last_updated": instant_text(began),
    }


def patch(began: datetime, number: int) -> Json:
    """The `number`-th update of `PATCHES`; the last one says COMPLETED."""
    at = began + timedelta(minutes=MINUTES * number)
    ended: Json = {"status": "ACTIVE"}
    if number == PATCHES:
        ended = {"status": "COMPLETED", "end_date_time": instant_text(at)}
    return {
        "kwh": KWH_A_PATCH * number,
        "charging_periods": [period(began, number)],
        "total_cost": cost(KWH_A_PATCH * number),
        "last_updated": instant_text(at),
        **ended,
    }


def period(began: datetime, number: int) -> Json:
    return {
        "start_date_time": instant_text(began + timedelta(minutes=MINUTES * (number - 1))),
        "dimensions": [
            {"type": "ENERGY", "volume": KWH_A_PATCH},
            {"type": "TIME", "volume": Decimal(MINUTES) / 60},
        ],
        "tariff_id": "T1",
    }


def cost(kwh: Decimal) -> Json:
    excl = kwh * _UNIT
    return {"excl_vat": round(excl, 4), "incl_vat": round(excl * Decimal("1.19"), 4)}


_OF_BOTH = (
    "country_code",
    "party_id",
    "start_date_time",
    "cdr_token",
    "auth_method",
    "authorization_reference",
    "currency",
)


def cdr(reference: str, token_uid: str, began: datetime) -> Json:
    """All periods again, with the tariff that they were priced by."""
    ended = began + timedelta(minutes=MINUTES * PATCHES)
    session = put(reference, token_uid, began)
    return {
        **{name: session[name] for name in _OF_BOTH},
        "id": f"CDR-{CHARGER_ID[:23]}",
        "session_id": CHARGER_ID,
        "end_date_time": instant_text(ended),
        "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1", "city": "Köln"},
        "tariffs": [_tariff()],
        "charging_periods": [period(began, number) for number in range(1, PATCHES + 1)],
        "total_cost": cost(KWH),
        "total_energy": KWH,
        "total_energy_cost": cost(KWH),
        "total_time": Decimal(MINUTES * PATCHES) / 60,
        "last_updated": instant_text(ended),
    }


def _tariff() -> Json:
    component = {"type": "ENERGY", "price": _UNIT, "vat": 19, "step_size": 1}
    return {
        "country_code": "DE",
        "party_id": "RHE",
        "id": "T1",
        "currency": "EUR",
        "elements": [{"price_components": [component]}],
        "last_updated": "2026-01-01T00:00:00Z",
    }


def provider_event(id_: str, type_: str, subject: str, session_id: str) -> bytes:
    """A webhook's body, about 3 KB like Stripe's."""
    told = {"id": subject, "metadata": {"session": session_id}, "others": _FILLER}
    return text({"id": id_, "object": "event", "type": type_, "data": {"object": told}}).encode()
