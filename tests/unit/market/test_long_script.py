"""Does the long market hold what it promises, before anything runs?"""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.domain.tax.rulings import drivers_leg
from chalicelib.ocpi.language import VERSIONS
from sandbox.market.explained import trouble
from sandbox.market.long_cast import LONG_CAST, LONG_CPOS, ROAMING
from sandbox.market.long_script import CLEAN_PER_DAY, LONG_DAYS, long_trips, roaming_trips
from sandbox.market.roles import CpoRole
from sandbox.market.script import FAULTS, OPENS, Trip
from sandbox.peers.cpo.network import build
from sandbox.peers.cpo.plan import Fault
from sandbox.peers.ecb import rates

_ROLES = {role.party.id.removeprefix("cpo_"): role for role in LONG_CPOS}
_DAY = date(2026, 11, 16)
_SEVERAL = 5


def _version(trip: Trip) -> str:
    return _ROLES[trip.cpo].version


def _name(role: CpoRole) -> str:
    return role.party.name


def test_ten_cpos_of_ten_countries_speak_three_versions() -> None:
    assert len(_ROLES) == len({role.party.country for role in LONG_CPOS}) == 10
    versions = Counter(role.version for role in LONG_CPOS)
    assert versions.keys() == set(VERSIONS)
    assert min(versions.values()) >= 3


def test_each_version_has_a_cpo_on_either_rail() -> None:
    rails = {(role.version, bool(role.iban)) for role in LONG_CPOS}
    assert rails == {(version, sepa) for version in VERSIONS for sepa in (True, False)}


@pytest.mark.parametrize("role", LONG_CPOS, ids=_name)
def test_what_each_cpo_sells_can_be_taxed_converted_and_priced(role: CpoRole) -> None:
    ruling = drivers_leg(LONG_CAST.channel, role.party.country, _DAY, EUROPE)
    currency = role.party.settlement_currency
    assert currency in {"EUR", *rates(_DAY)}
    now = "2026-11-16T05:00:00Z"
    network = build({"now": now, **role.config(now)}, now)
    for tariff in network.tariffs.values():
        assert tariff["currency"] == currency
        parts = [part for element in tariff["elements"] for part in element["price_components"]]
        assert {part["vat"] / 100 for part in parts} == {ruling.rate}


def test_everything_that_can_go_wrong_does_so_in_every_version() -> None:
    seen = defaultdict(set)
    for trip in long_trips():
        seen[trouble(trip)].add(_version(trip))
    assert {fault.value for fault in Fault} <= seen.keys()
    assert len(seen) == len(FAULTS) + 2 + 1  # a CPO that does not stop in two ways, and nothing
    assert {name for name, versions in seen.items() if versions != set(VERSIONS)} == set()


def test_every_cpo_meets_several_kinds_of_trouble_and_drivers_without() -> None:
    met = {name: {trouble(t) for t in long_trips() if t.cpo == name} for name in _ROLES}
    assert {name for name, kinds in met.items() if len(kinds) <= _SEVERAL} == set()
    assert {name for name, kinds in met.items() if "clean" not in kinds} == set()


def test_every_day_of_the_week_has_its_trips_and_its_trouble() -> None:
    days = Counter((trip.at.date() - OPENS.date()).days for trip in long_trips())
    assert days.keys() == set(range(LONG_DAYS))
    assert all(20 <= trips <= 25 for trips in days.values())
    assert min(days.values()) > CLEAN_PER_DAY


def test_a_week_is_the_same_each_time_and_its_first_days_are_those_of_fewer() -> None:
    assert long_trips() == long_trips()
    assert long_trips(2) == long_trips()[: len(long_trips(2))]


def test_the_emsps_drivers_come_every_day_by_command_and_by_card_to_every_version() -> None:
    met = defaultdict(set)
    for trip in roaming_trips():
        met[trip.at.date()].add((trip.by_card, bool(trip.stops_after_min)))
    assert len(met) == LONG_DAYS
    for kinds in met.values():
        assert kinds == {(True, False), (False, False), (False, True)}
    assert {_version(trip) for trip in roaming_trips() if trip.by_card} == set(VERSIONS)
    assert {_version(trip) for trip in roaming_trips() if trip.stops_after_min} == set(VERSIONS)
    paid = {_ROLES[trip.cpo].party.settlement_currency for trip in roaming_trips()}
    assert paid == {ROAMING.partner.paid_in.currency if ROAMING.partner.paid_in else ""}


def test_no_charger_is_asked_for_twice_within_an_hour() -> None:
    last = dict[tuple[str, int, int], Trip]()
    trips = [*long_trips(), *roaming_trips()]
    assert len({trip.number for trip in trips}) == len(trips)
    for trip in sorted(trips, key=lambda trip: trip.at):
        place = (trip.cpo, trip.city, trip.evse)
        assert place not in last or trip.at - last[place].at > timedelta(hours=1)
        last[place] = trip
