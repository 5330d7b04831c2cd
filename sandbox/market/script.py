"""What happens in the market? Two days of trips, every fault of the field among them.

The list is written down, not drawn: every run is the same, and a reader can look a trip up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, cycle

OPENS = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)  # a Monday
DAYS = 2
_FIRST_TRIP = timedelta(hours=1)
TOGETHER, BETWEEN = 3, timedelta(minutes=15)  # three drivers arrive, then nobody for a while


@dataclass(frozen=True, slots=True)
class Trip:
    """One driver's charge. `fault` is the CPO's, `card` the driver's, `outage` the provider's."""

    number: int
    at: datetime
    partner: str
    cpo: str
    city: int
    evse: int
    energy_kwh: str
    fault: str = "clean"
    card: str = "pm_card_visa"
    planned_kwh: str = ""  # what the driver asked a quote for, when it is not what was charged
    stops_after_min: int = 0
    completes_bank_step: bool = True
    outage: str = ""
    by_card: bool = False  # of an eMSP: held to the charger, which asks; else its app commands

    @property
    def quoted_kwh(self) -> str:
        return self.planned_kwh or self.energy_kwh


@dataclass(frozen=True, slots=True)
class Event:
    """What is unusual about a trip."""

    partner: str = ""
    cpo: str = ""
    fault: str = "clean"
    card: str = "pm_card_visa"
    energy_kwh: str = ""
    planned_kwh: str = ""
    stops_after_min: int = 0
    completes_bank_step: bool = True
    outage: str = ""


FAULTS = (
    # messages
    *(Event(fault=name) for name in ("lost", "repeated", "late", "reordered", "put_lost")),
    *(Event(fault=name) for name in ("completed_lost", "session_lost")),
    # starts
    *(Event(fault=name) for name in ("start_refused", "start_rejected", "start_timed_out")),
    *(Event(fault=name) for name in ("start_timed_out_then_started", "start_result_lost")),
    *(Event(fault=name) for name in ("start_answer_lost", "start_without_session")),
    # sessions and CDRs
    *(Event(fault=name) for name in ("stuck_pending", "stuck_active", "cdr_not_pushed")),
    Event("app", "rheinstrom", "cdr_withheld"),
    *(Event(fault=name) for name in ("cdr_late", "cdr_overcharged", "cdr_undercharged")),
    Event(fault="cdr_other_tariff"),
    # cards
    Event("app", card="pm_card_chargeDeclined"),
    Event("app", card="pm_card_chargeDeclinedInsufficientFunds"),
    Event("app", "rheinstrom", card="pm_card_authenticationRequired"),
    Event("app", card="pm_card_authenticationRequired", completes_bank_step=False),
    # a session that outgrows its hold: raised where the card can, stopped where it cannot
    Event("app", "rheinstrom", energy_kwh="60", planned_kwh="12"),
    Event("app", "polderlaad", card="pm_card_amex", energy_kwh="60", planned_kwh="12"),
    # partners and providers
    Event(stops_after_min=8),
    Event("app", outage="hold"),
    Event("app", outage="capture"),
)
IN_TURN = ("app", "fleet", "insurer", "fleet")
_CPOS = ("rheinstrom", "polderlaad", "nordladda", "rheinstrom", "polderlaad")
ENERGIES = ("30", "18.4", "42.75", "9.3", "25", "51.2", "14.08", "36.6")
EURO_ONLY = {"fleet", "insurer"}  # their limit and balance are in euros
CITIES, EVSES = 3, 3


def trips(clean_per_day: int = 14) -> list[Trip]:
    """All trips in order of time: on each day clean ones, with half of the faults among them."""
    numbers, energies = count(1), cycle(ENERGIES)
    partners, cpos = cycle(IN_TURN), cycle(_CPOS)
    result: list[Trip] = []
    for day in range(DAYS):
        at = OPENS + timedelta(days=day) + _FIRST_TRIP
        for event in interleaved(FAULTS[day::DAYS], clean_per_day):
            partner = event.partner or next(partners)
            cpo = event.cpo or next(cpos)
            if partner in EURO_ONLY and cpo == "nordladda":
                partner = "app"
            number = next(numbers)
            result.append(trip_of(number, at, partner, cpo, event, next(energies)))
            if len(result) % TOGETHER == 0:
                at += BETWEEN
    return result


def interleaved(faults: tuple[Event, ...], clean: int) -> Iterator[Event]:
    """Clean and faulty trips in turn, until both are used up."""
    waiting = list(faults)
    for _ in range(clean):
        yield Event()
        if waiting:
            yield waiting.pop(0)
    yield from waiting


def trip_of(
    number: int, at: datetime, partner: str, cpo: str, event: Event, energy_kwh: str
) -> Trip:
    return Trip(
        number=number,
        at=at,
        partner=partner,
        cpo=cpo,
        city=number % CITIES,
        evse=(number // CITIES) % EVSES,
        energy_kwh=event.energy_kwh or energy_kwh,
        fault=event.fault,
        card=event.card,
        planned_kwh=event.planned_kwh,
        stops_after_min=event.stops_after_min,
        completes_bank_step=event.completes_bank_step,
        outage=event.outage,
    )
