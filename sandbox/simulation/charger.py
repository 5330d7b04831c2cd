"""What do the CPOs do? They start, report and finish charges as the trips say, by OCPI's rules.

A push is sent once and may be repeated when we were not there; whoever pulls hears the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.ids import PeerId
from chalicelib.domain.money import Currency
from chalicelib.domain.session.charged import ChargerStatus, ChargingPeriod, Cost, ReceivedCdr
from chalicelib.domain.session.charged import ReportedSession as Report
from chalicelib.domain.session.report import Change
from chalicelib.ports.cpo import CommandAnswer, Peer, Received, StartCommand
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import EUR
from sandbox.simulation.asked import AskedCpo
from sandbox.simulation.trip import CdrWay, Trip

_PRICES = {"T1": (Decimal("0.49"), Decimal(0)), "T2": (Decimal("0.39"), Decimal(1))}
_VAT = {"T1": Decimal("1.19"), "T2": None}
VAT_ABROAD = Decimal("1.23")  # that we add where the tariff makes no statement
_DRIVER_WAITS = timedelta(minutes=16)
_SECOND = timedelta(seconds=1)
_FOR_EVER_MIN = 60 * 24 * 30


@dataclass
class Visit:
    """A charge as it goes on at the charger."""

    trip: Trip
    reference: str
    token_uid: str
    began: datetime
    ends_at: datetime
    ended: datetime | None = None

    def kwh_at(self, at: datetime) -> Decimal:
        whole = timedelta(minutes=self.trip.minutes)
        part = Decimal(int((at - self.began).total_seconds())) / int(whole.total_seconds())
        return (min(Decimal(1), max(Decimal(0), part)) * self.trip.kwh).quantize(Decimal("0.001"))


@dataclass
class SimulatedCpo(AskedCpo):
    """One CPO. `push` takes what it sends to us: a Report, a (Report, Change), a CDR, a result."""

    trips: dict[str, Trip] = field(kw_only=True)
    asked_at: dict[int, datetime] = field(kw_only=True)  # when each trip's start was asked for
    started: list[tuple[datetime, datetime]] = field(default_factory=list)
    visits: dict[str, Visit] = field(default_factory=dict)

    def start_session(self, connection: Connection, command: StartCommand) -> CommandAnswer:
        trip = self.trips[command.authorization_reference]
        self.answer = CommandAnswer(trip.answer)
        self.started.append((self.post.now(), self.asked_at[trip.number] + _DRIVER_WAITS))
        answer = super().start_session(connection, command)
        if answer is CommandAnswer.ACCEPTED:
            self.begin_later(trip, command.authorization_reference, command.token.uid)
        return answer

    def stop_session(
        self,
        connection: Connection,
        charger_session_id: str,
        response_url: str,
        owner: str = "",
    ) -> CommandAnswer:
        answer = super().stop_session(connection, charger_session_id, response_url, owner)
        for visit in self.visits.values():
            if _name(visit) == charger_session_id and visit.trip.obeys and visit.ended is None:
                visit.ends_at = min(visit.ends_at, self.post.now() + timedelta(seconds=40))
                self.post.send("charger", partial(self._end, visit), at=visit.ends_at)
        return answer

    def has_cdr(self, reference: str) -> bool:
        """One that can be billed."""
        return any(
            cdr.authorization_reference == reference and cdr.currency == EUR
            for cdr in self.finished
        )

    def gross_of(self, kwh: Decimal) -> Decimal:
        """What its tariff asks of a driver for some energy."""
        tariff = self.place.tariff.id
        per_kwh, flat = _PRICES[tariff]
        return (kwh * per_kwh + flat) * (_VAT[tariff] or VAT_ABROAD)

    def credit(self, reference: str, *, again: bool) -> bool:
        """Take the last CDR of a session back; `again`: an hour later another one says the same."""
        given = [cdr for cdr in self.finished if cdr.authorization_reference == reference]
        if not given or given[-1].currency != EUR:
            return False
        last = given[-1]
        credit = replace(
            last,
            id=f"{last.id}-credit",
            credit=True,
            credit_reference_id=last.id,
            total_cost=_negative(last.total_cost),
            last_updated=self.post.now(),
        )
        self._hand_in(self.trips[reference], credit)
        if again:
            second = replace(last, id=f"{last.id}-again", last_updated=self.post.now() + _SECOND)
            act = partial(self._hand_in, self.trips[reference], second)
            self.post.send("charger", act, after_s=1800)
        return True

    def begin_later(self, trip: Trip, reference: str, token_uid: str) -> None:
        if trip.result:
            result = (reference, trip.result)
            self.post.send("charger", lambda: self.push(self.place, result), after_s=20)
        if trip.starts_after is None or reference in self.visits:
            return
        began = self.post.now() + timedelta(minutes=trip.starts_after)
        ends = began + timedelta(minutes=trip.minutes if trip.ends else _FOR_EVER_MIN)
        visit = Visit(trip, reference, token_uid, began, ends)
        self.visits[reference] = visit
        self.post.send("charger", lambda: self._tell(visit, ChargerStatus.ACTIVE), at=began)
        for number in range(trip.reports):
            at = began + timedelta(minutes=trip.minutes * (number + 1) // (trip.reports + 1))
            self.post.send("charger", lambda: self._progress(visit), at=at)
        if trip.ends:
            self.post.send("charger", lambda: self._end(visit), at=ends)

    def _progress(self, visit: Visit) -> None:
        if visit.ended is None:
            self._tell(visit, ChargerStatus.ACTIVE, change=True)

    def _end(self, visit: Visit) -> None:
        if visit.ended is not None or visit.ends_at > self.post.now():
            return
        visit.ended = visit.ends_at
        self._tell(visit, ChargerStatus(visit.trip.ends or "COMPLETED"), change=True)
        self._cdr_later(visit)

    def _tell(self, visit: Visit, status: ChargerStatus, *, change: bool = False) -> None:
        at = visit.ended or self.post.now()
        trip, place = visit.trip, self.place
        told = Report(
            country_code=place.party[0],
            party_id=place.party[1],
            id=_name(visit),
            start=visit.began,
            status=status,
            last_updated=at,
            currency=EUR,
            kwh=visit.kwh_at(at),
            end=visit.ended,
            token_uid=visit.token_uid,
            authorization_reference=visit.reference,
            location_id=place.location.id,
            evse_uid="E1",
            connector_id="1",
        )
        self.reports.append(told)
        if change and not trip.whole:
            news = Change(at, status=status, kwh=told.kwh, end=told.end)
            self.push(place, (told, news))
        else:
            self.push(place, told)

    def _cdr_later(self, visit: Visit) -> None:
        trip = visit.trip
        if trip.cdr is CdrWay.NEVER or trip.ends == "INVALID":
            return
        cdrs = [self._cdr(visit)]
        if trip.unfit_first:
            cdrs.insert(0, self._cdr(visit, unfit=True))
        if trip.told_twice:
            cdrs.append(cdrs[-1])
        for number, cdr in enumerate(cdrs):
            wait = trip.cdr_after * 60 + number
            self.post.send("charger", partial(self._hand_in, trip, cdr), after_s=wait)

    def _hand_in(self, trip: Trip, cdr: ReceivedCdr) -> None:
        self.finished.append(cdr)
        if trip.cdr is not CdrWay.PULLED:
            self.push(self.place, cdr)

    def _cdr(self, visit: Visit, *, unfit: bool = False) -> ReceivedCdr:
        assert visit.ended is not None, "a CDR is of a session that has ended"
        tariff, kwh = self.place.tariff.id, visit.kwh_at(visit.ended)
        per_kwh, flat = _PRICES[tariff]
        excl = (kwh * per_kwh + flat) * Decimal(visit.trip.claims)
        rate = _VAT[tariff]
        hours = Decimal(int((visit.ended - visit.began).total_seconds())) / 3600
        return ReceivedCdr(
            country_code=self.place.party[0],
            party_id=self.place.party[1],
            id=f"cdr-{visit.reference[-6:]}{'-unfit' if unfit else ''}",
            start=visit.began,
            end=visit.ended,
            currency=Currency("USD") if unfit else EUR,
            total_cost=Cost(excl, None if rate is None else excl * rate),
            total_energy_kwh=kwh,
            total_time_h=hours,
            periods=(ChargingPeriod(visit.began, energy_kwh=kwh, time_h=hours),),
            last_updated=self.post.now(),
            session_id=_name(visit),
            authorization_reference=visit.reference,
            token_uid=visit.token_uid,
        )


def _negative(cost: Cost) -> Cost:
    return Cost(-cost.excl_vat, None if cost.incl_vat is None else -cost.incl_vat)


def _name(visit: Visit) -> str:
    return f"cs-{visit.reference[-8:]}"


def received(value: Any) -> Received:  # noqa: ANN401 - a report or a CDR
    """An object as it comes over the wire; what its bytes are does not matter here."""
    return Received(value, f'{{"id":"{value.id}","last_updated":"{value.last_updated}"}}')


class SimulatedCpos:
    """All CPOs as one port: whom a connection leads to. `others` are those without a charger, by
    the URL of their versions; before they are connected they are asked by it.
    """

    def __init__(self, cpos: Mapping[PeerId, SimulatedCpo]) -> None:
        self._cpos = cpos
        self.others: dict[str, MemoryCpo] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the port
        def call(first: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
            known = self._cpos.get(first.id) if isinstance(first, Connection) else None
            return getattr(known or self._other(first), name)(first, *args, **named)

        return call

    def _other(self, first: Connection | Peer | str) -> MemoryCpo:
        if isinstance(first, Connection):
            return self.others[first.versions_url]
        url = first if isinstance(first, str) else first.endpoints["credentials"]
        return next(cpo for of, cpo in self.others.items() if url.startswith(of.rpartition("/")[0]))
