"""What happens in the long market? Seven days, and each thing that goes wrong in each OCPI version.

Everything follows from one list, counted through: thing `i` happens at the CPOs of each version in
turn (the version's CPO number `i` modulo how many it has), on three days that follow each other.
Drivers without trouble fill the days. Nothing is drawn, so every run is the same. The eMSP's come
at an hour of their own, to chargers where nobody is by then.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle

from sandbox.market.cast import EUR
from sandbox.market.long_cast import LONG_CPOS, ROAMING
from sandbox.market.script import (
    BETWEEN,
    CITIES,
    ENERGIES,
    EURO_ONLY,
    EVSES,
    FAULTS,
    IN_TURN,
    OPENS,
    TOGETHER,
    Event,
    Trip,
    interleaved,
    trip_of,
)
from sandbox.peers.cpo.wire import VERSIONS

LONG_DAYS = 7
CLEAN_PER_DAY = 8
# The hour after opening (05:00 UTC) at which a day's drivers begin to come: on two days in the
# evening, so that sessions cross the midnight at which windows close.
_BEGINS = tuple(timedelta(hours=hours) for hours in (1, 1, 16, 1, 1, 16, 1))
_ROAMING_COME = OPENS + timedelta(hours=9)
_ROAMING_STOPS_MIN = 8
_ROAMING_PER_DAY = 4
_FIRST_ROAMING = 501  # number of a trip
_LONG_KWH = "60"  # 24 minutes at 150 kW: there are messages to lose, and time to stop it
_FAST_EVSE = 3  # a fast one at every CPO
_OF_MESSAGES = {"lost", "repeated", "late", "reordered", "stuck_active"}
_STOPS = tuple(Event(fault=name, stops_after_min=8) for name in ("stop_refused", "stop_ignored"))
EVENTS = (*FAULTS, *_STOPS)
_ROLES = {role.party.id.removeprefix("cpo_"): role for role in LONG_CPOS}


@dataclass
class _Places:
    """Each CPO's cities and chargers in turn: one is used again after days."""

    visits: Counter[str] = field(default_factory=Counter)

    def next(self, cpo: str) -> tuple[int, int]:
        number = self.visits[cpo]
        self.visits[cpo] += 1
        return number % CITIES, (number // CITIES) % EVSES


def cpos_by_version() -> dict[str, list[str]]:
    return {
        version: [name for name, role in _ROLES.items() if role.version == version]
        for version in sorted(VERSIONS)
    }


def long_trips(days: int = LONG_DAYS, clean_per_day: int = CLEAN_PER_DAY) -> list[Trip]:
    """All trips of the first days in order of time."""
    euro = {name for name, role in _ROLES.items() if role.party.settlement_currency == EUR}
    everybody, energies, partners = cycle(_ROLES), cycle(ENERGIES), cycle(IN_TURN)
    happens, places, result = happenings(), _Places(), list[Trip]()
    for day in range(days):
        begins = OPENS + timedelta(days=day) + _BEGINS[day]
        for today, event in enumerate(interleaved(happens[day::LONG_DAYS], clean_per_day)):
            cpo = event.cpo or next(everybody)
            partner = event.partner or next(partners)
            if partner in EURO_ONLY and cpo not in euro:
                partner = "app"
            at = begins + BETWEEN * (today // TOGETHER)
            trip = trip_of(len(result) + 1, at, partner, cpo, event, next(energies))
            result.append(_fitting(trip, *places.next(cpo)))
    return result


def roaming_trips(days: int = LONG_DAYS) -> list[Trip]:
    """Four a day at four CPOs, by command and by card in turn; the first by command is stopped."""
    cpos = cycle(name for name, role in _ROLES.items() if role.party.settlement_currency == EUR)
    energies, result = cycle(ENERGIES), list[Trip]()
    for day in range(days):
        for number in range(_ROAMING_PER_DAY):
            stops = Event(energy_kwh=_LONG_KWH, stops_after_min=_ROAMING_STOPS_MIN)
            event = Event() if number else stops
            at, cpo = _ROAMING_COME + timedelta(days=day), next(cpos)
            trip_number = _FIRST_ROAMING + len(result)
            trip = trip_of(trip_number, at, ROAMING.partner.name, cpo, event, next(energies))
            by_card = number % 2 == 1
            result.append(replace(trip, city=day % CITIES, evse=_FAST_EVSE, by_card=by_card))
    return result


def happenings() -> tuple[Event, ...]:
    """Each event once a version, at a CPO that speaks it."""
    return tuple(
        replace(event, cpo=names[number % len(names)])
        for number, event in enumerate(EVENTS)
        for names in cpos_by_version().values()
    )


def _fitting(trip: Trip, city: int, evse: int) -> Trip:
    """Where the CPO's next car stands; long enough for what shall happen there."""
    if trip.planned_kwh or trip.stops_after_min:
        return replace(trip, city=city, evse=_FAST_EVSE, energy_kwh=_LONG_KWH)
    energy_kwh = _LONG_KWH if trip.fault in _OF_MESSAGES else trip.energy_kwh
    return replace(trip, city=city, evse=evse, energy_kwh=energy_kwh)
