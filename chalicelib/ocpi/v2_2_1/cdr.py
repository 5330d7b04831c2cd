"""What does an OCPI 2.2.1 CDR say? (mod_cdrs 10.3.1)"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import CurrencyUnknown, currency
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.usage import ChargingPeriod
from chalicelib.ocpi.envelope.fields import (
    NOT_AVAILABLE,
    Flag,
    Id,
    Instant,
    Listed,
    Number,
    Text,
    Upper,
    Wire,
    mended_once,
    read,
)
from chalicelib.ocpi.v2_2_1.period import Priced, WirePeriod, cost_of, period_of
from chalicelib.ocpi.v2_2_1.tariff import read_tariffs

_ZERO = Decimal(0)
_SLACK_KWH = Decimal("0.01")


class _Token(Wire):
    uid: Text = ""


class _Location(Wire):
    id: Text = ""
    evse_uid: Text = ""
    connector_id: Text = ""


class _Cdr(Wire):
    country_code: Upper
    party_id: Upper
    id: Id
    start_date_time: Instant
    end_date_time: Instant
    session_id: Text = ""
    cdr_token: _Token = Field(default_factory=_Token)  # an instance would build its model now
    authorization_reference: Text = ""
    cdr_location: _Location = Field(default_factory=_Location)
    currency: Upper
    tariffs: Annotated[tuple[Any, ...], Listed] = ()
    charging_periods: Annotated[tuple[WirePeriod, ...], Listed]
    total_cost: Priced
    total_energy: Number
    total_time: Number
    total_parking_time: Number = Decimal(0)
    credit: Flag = False
    credit_reference_id: Text = ""
    last_updated: Instant


def read_cdr(
    value: Any,  # noqa: ANN401 - any JSON
    raw_hash: str = "",
) -> tuple[ReceivedCdr, tuple[str, ...]]:
    """A CDR, and what was mended in it. Raises Invalid naming the member to blame.

    An embedded tariff without a reading is left out and noted: the price is not taken from it.
    """
    mended: list[str] = []
    wire = read(_Cdr, value, mended)
    if wire.end_date_time < wire.start_date_time:
        raise Invalid("end_date_time", "is before start_date_time")
    cost = cost_of(wire.total_cost)
    if cost is None:
        raise Invalid("total_cost.excl_vat", "is missing")
    try:
        code = currency(wire.currency)
    except CurrencyUnknown as error:
        raise Invalid("currency", str(error)) from error
    cdr = ReceivedCdr(
        country_code=wire.country_code,
        party_id=wire.party_id,
        id=wire.id,
        start=wire.start_date_time,
        end=wire.end_date_time,
        currency=code,
        total_cost=cost,
        total_energy_kwh=_volume("total_energy", wire.total_energy),
        total_time_h=_volume("total_time", wire.total_time),
        periods=_periods(wire, mended),
        last_updated=wire.last_updated,
        total_parking_time_h=_volume("total_parking_time", wire.total_parking_time),
        session_id=wire.session_id,
        authorization_reference=wire.authorization_reference,
        token_uid=wire.cdr_token.uid,
        location_id=_known(wire.cdr_location.id),
        evse_uid=_known(wire.cdr_location.evse_uid),
        connector_id=_known(wire.cdr_location.connector_id),
        tariffs=read_tariffs(wire.tariffs, mended),
        credit=wire.credit,
        credit_reference_id=wire.credit_reference_id,
        raw_hash=raw_hash,
    )
    return cdr, mended_once(mended)


def _periods(wire: _Cdr, mended: list[str]) -> tuple[ChargingPeriod, ...]:
    if not wire.charging_periods:
        raise Invalid("charging_periods", "a CDR has at least one period")
    found = [period_of(period, mended) for period in wire.charging_periods]
    for number, period in enumerate(found):
        hours = (period.time_h, period.parking_time_h, period.reservation_time_h)
        if any(volume is not None and volume < 0 for volume in (period.energy_kwh, *hours)):
            raise Invalid(f"charging_periods.{number}.dimensions", "a volume is below zero")
    told = sum((period.energy_kwh or _ZERO for period in found), _ZERO)
    if abs(told - wire.total_energy) > _SLACK_KWH:
        mended.append(f"total_energy: {wire.total_energy} was sent, the periods have {told}")
    ordered = sorted(found, key=lambda period: period.start)
    if ordered != found:
        mended.append("charging_periods: were not in the order of time")
    return tuple(ordered)


def _known(text: str) -> str:
    return "" if text == NOT_AVAILABLE else text


def _volume(name: str, volume: Decimal) -> Decimal:
    if volume < 0:
        raise Invalid(name, f"{volume} is below zero")
    return volume
