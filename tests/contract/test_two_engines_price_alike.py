"""Do the channel's pricing and the simulated CPO's, written apart, agree on every session?"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from sandbox.peers.cpo import objects, visit
from sandbox.peers.cpo.envelope import dumps, loads
from sandbox.peers.cpo.plan import read_plan

ZONE = "Europe/Berlin"
_HALF_HOURS = [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30")]
_WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
_TOLERANCE = Decimal("0.0001")  # OCPI's four decimals


def cents(most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most).map(lambda minor: Decimal(minor).scaleb(-2))


components = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["ENERGY", "TIME", "PARKING_TIME", "FLAT"]),
        "price": cents(900),
        "vat": st.sampled_from([Decimal(0), Decimal("8.1"), Decimal(19), Decimal(21)]),
        "step_size": st.sampled_from([0, 1, 60, 300, 500, 900]),
    }
)
restrictions = st.fixed_dictionaries(
    {},
    optional={
        "start_time": st.sampled_from(_HALF_HOURS),
        "end_time": st.sampled_from(_HALF_HOURS),
        "day_of_week": st.lists(st.sampled_from(_WEEKDAYS), min_size=1, unique=True),
        "min_kwh": cents(3000),
        "max_kwh": cents(6000),
        "min_duration": st.integers(0, 7200),
        "max_duration": st.integers(0, 14400),
    },
)
elements = st.builds(
    lambda parts, rule: {"price_components": parts, "restrictions": rule},
    st.lists(components, min_size=1, max_size=3, unique_by=lambda part: part["type"]),
    restrictions,
)
limits = st.fixed_dictionaries({"excl_vat": cents(900), "incl_vat": cents(1000)})
tariffs = st.fixed_dictionaries(
    {
        "country_code": st.just("DE"),
        "party_id": st.just("ALF"),
        "id": st.just("T"),
        "currency": st.just("EUR"),
        "elements": st.lists(elements, min_size=1, max_size=4),
        "last_updated": st.just("2026-01-01T00:00:00Z"),
    },
    optional={"min_price": limits, "max_price": limits},
)
# Days around both changes of the clocks, and others.
days = st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 20)])
starts = st.builds(
    lambda day, seconds: (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")) + timedelta(seconds=seconds)
    ),
    days,
    st.integers(0, 172_800),
)


@given(tariffs, starts, st.integers(0, 90_000), st.integers(1, 40_000), st.integers(3, 150))
def test_the_channel_finds_in_a_cdr_what_the_cpo_asked_for(
    tariff: dict[str, Any], start: datetime, energy_wh: int, duration_s: int, power_kw: int
) -> None:
    plan = read_plan(
        {
            "energy_kwh": Decimal(energy_wh).scaleb(-3),
            "duration_s": duration_s,
            "power_kw": power_kw,
            "start": start.isoformat(),
        }
    )
    charged = visit.begin(
        1,
        plan,
        22_000,
        5,
        commanded_at=0,
        response_url="",
        authorization_reference="ses_1",
        token={},
        place={"country_code": "DE", "party_id": "ALF", "id": "L", "evse_uid": "E"},
        time_zone=ZONE,
        tariff=tariff,
    )
    cdr, mended = read_cdr(loads(dumps(objects.cdr(charged))))
    assert not mended
    found = price(prepare(cdr.tariffs[0], ZONE), Usage(cdr.start, cdr.end, cdr.periods))
    assert abs(found.excl_vat - cdr.total_cost.excl_vat) <= _TOLERANCE, found
    assert found.incl_vat is not None
    assert cdr.total_cost.incl_vat is not None
    assert abs(found.incl_vat - cdr.total_cost.incl_vat) <= _TOLERANCE, found
