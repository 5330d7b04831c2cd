"""Which versions price a session whose CDR names several tariffs? None can make it dearer.

The driver agreed to T1, 0.49 a kWh + 19 % VAT. The CPO also has a night tariff.
"""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.codec import instant_text
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.charged import ChargingPeriod, Cost, ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.envelope.body import dump
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.evidence.read import read_pack
from chalicelib.usecases.network.accept_tariff import accept_tariff, withdraw_tariff
from sandbox.commands.recompute import differences
from sandbox.memory.world import EUR, World


@pytest.fixture
def world() -> World:
    return World()


def _night(world: World, price: str, currency: Currency = EUR) -> Tariff:
    component = PriceComponent(Dimension.ENERGY, Decimal(price), 1, Decimal(19))
    at = world.ports.clock.now()
    return Tariff("DE", "RHE", "NIGHT", currency, (TariffElement((component,)),), at)


def _published(world: World, price: str, currency: Currency = EUR) -> Tariff:
    tariff = _night(world, price, currency)
    accept_tariff(world.ports, world.connection, tariff, "{}")
    return tariff


def _cdr(world: World, session: Session, *names: str, excl: str) -> ReceivedCdr:
    """10 kWh by each."""
    whole = world.cdr(session, kwh=str(10 * len(names)), excl=excl)
    periods = tuple(
        ChargingPeriod(
            whole.start + timedelta(minutes=number), Decimal(10), Decimal("0.5"), tariff_id=name
        )
        for number, name in enumerate(names)
    )
    cost = Cost(Decimal(excl), Decimal(excl) * Decimal("1.19"))
    return replace(whole, periods=periods, total_cost=cost)


def _billed(world: World, session: Session, *names: str, excl: str) -> Session:
    cdr = _cdr(world, session, *names, excl=excl)
    accept_cdr(world.ports, world.connection, cdr, f"cdr/{cdr.id}.json", _raw(cdr))
    world.settle()
    return world.session(session.id)


def _raw(cdr: ReceivedCdr) -> bytes:
    periods = [
        {
            "start_date_time": instant_text(one.start),
            "dimensions": [
                {"type": "ENERGY", "volume": 10},
                {"type": "TIME", "volume": Decimal("0.5")},
            ],
            "tariff_id": one.tariff_id,
        }
        for one in cdr.periods
    ]
    told = {"excl_vat": cdr.total_cost.excl_vat, "incl_vat": cdr.total_cost.incl_vat}
    sent = {
        "country_code": "DE",
        "party_id": "RHE",
        "id": cdr.id,
        "start_date_time": instant_text(cdr.start),
        "end_date_time": instant_text(cdr.end),
        "currency": cdr.currency,
        "total_cost": told,
        "total_energy": cdr.total_energy_kwh,
        "total_time": 1,
        "charging_periods": periods,
    }
    return dump(sent).encode()


def _gross(session: Session) -> int:
    assert session.bill is not None
    return session.bill.gross.minor


def test_a_cheaper_tariff_that_a_period_names_prices_it(world: World) -> None:
    """10 x 0.49 + 10 x 0.29 = 7.80, + 19 % = 9.28; the CPO asks for 9.80."""
    night = _published(world, "0.29")
    session = _billed(world, world.charge(), "T1", "NIGHT", excl="9.80")
    assert session.other_tariffs == (tariff_hash(night),)
    assert _gross(session) == 928
    assert session.bill is not None
    assert session.bill.claim is not None
    assert session.bill.claim.excess == Money(1166 - 928, EUR)


def test_a_dearer_one_does_not_since_the_driver_agreed_to_the_first(world: World) -> None:
    _published(world, "0.89")
    assert _gross(_billed(world, world.charge(), "T1", "NIGHT", excl="13.80")) == 1166


def test_the_version_counts_that_was_published_when_the_session_was_asked_for(
    world: World,
) -> None:
    first = _published(world, "0.29")
    session = world.charge()
    _published(world, "0.09")
    withdraw_tariff(world.ports, world.connection, "DE", "RHE", "NIGHT")
    session = _billed(world, session, "T1", "NIGHT", excl="9.80")
    assert session.other_tariffs == (tariff_hash(first),)
    assert _gross(session) == 928


@pytest.mark.parametrize("name", ["T1", "t1", "", "NOBODY'S"])
def test_a_session_of_the_agreed_tariff_alone_pins_no_other(world: World, name: str) -> None:
    session = _billed(world, world.charge(), name, excl="4.90")
    assert session.other_tariffs is None
    assert _gross(session) == 583


def test_what_is_published_after_the_start_or_in_another_currency_is_not_pinned(
    world: World,
) -> None:
    _published(world, "0.29", Currency("CHF"))
    assert _billed(world, world.charge(), "T1", "NIGHT", excl="9.80").other_tariffs is None
    session = world.charge()
    _published(world, "0.29")
    assert _billed(world, session, "T1", "NIGHT", excl="9.80").other_tariffs is None


def test_the_evidence_has_every_pinned_version_and_gives_the_bill_again(world: World) -> None:
    night = _published(world, "0.29")
    session = _billed(world, world.charge(), "T1", "NIGHT", excl="9.80")
    files = read_pack(world.ports, session.partner_id, session.id)
    pack = {file.name: file.content.encode() for file in files}
    (other,) = _part(pack, "other_tariffs")
    assert other["hash"] == tariff_hash(night)
    compared = _part(pack, "comparison")["published"]
    assert [one["id"] for one in compared["tariffs"]] == ["T1", "NIGHT"]
    assert compared["price"]["excl_vat"] == "7.80"
    assert differences(pack) == []


def _part(pack: dict[str, bytes], part: str) -> Any:
    (name,) = (name for name in pack if name.startswith(f"{part}-"))
    return json.loads(pack[name])
