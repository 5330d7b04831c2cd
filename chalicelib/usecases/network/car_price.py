"""What would this car pay at each kind of plug? Near enough to rank by; a quote is what binds.

A search asks the same few tariffs and terms of many locations, so they are kept for a minute.
"""

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.domain.fx.rates import convert
from chalicelib.domain.ids import PartyId, PeerId, TariffHash
from chalicelib.domain.money import Money, currency
from chalicelib.domain.network.plug import Car, MapRow, Plug
from chalicelib.domain.tariff.planned import plan
from chalicelib.domain.tariff.price import price
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.network.recent import is_recent, keep, recent
from chalicelib.usecases.rates.rate_on import rate_on
from chalicelib.usecases.session.terms import Terms, terms_for, terms_with
from chalicelib.usecases.tariff.addressed import (
    Addressed,
    addressed_by,
    addressed_by_each,
    offered_ids,
)
from chalicelib.usecases.tariff.published import Named, in_force_of
from chalicelib.usecases.tariff.read import TariffUnknown, gross_of, in_force, prepared

T = TypeVar("T")
_LONGEST_S = 48 * 3600
_EURO = currency("EUR")
_LAST = 10**12
_Case = tuple[str, tuple[str, str], str, str, tuple[str, ...], int]


@dataclass
class CarPrices:
    """Of one search. `arrives_at` None: now."""

    ports: Ports
    partner_id: PartyId
    car: Car
    arrives_at: datetime | None = None
    _priced: dict[_Case, Money | None] = field(default_factory=dict)

    def read_ahead(self, wanted: Sequence[tuple[MapRow, tuple[Plug, ...]]]) -> None:
        """What the prices at all of these rest on, in a handful of reads, however many they are.

        What is not found so is asked for by itself.
        """
        ports = self.ports
        rows = [row for row, _ in wanted]
        cpos = {row.cpo_id for row in rows if not is_recent(ports, self._with(row))}
        if cpos:
            with suppress(Rejected):  # a party that is missing spoils the price at its own places
                now = ports.clock.now()
                for cpo_id, terms in terms_with(ports, self.partner_id, cpos, now).items():
                    keep(ports, ("terms", self.partner_id, cpo_id), terms)
        places = {(row.peer_id, row.owner) for row in rows}
        unknown = [place for place in places if not is_recent(ports, ("addressed", *place))]
        for place, addressed in addressed_by_each(ports, unknown).items():
            keep(ports, ("addressed", *place), addressed)
        listed = {
            (row.peer_id, row.owner, plug.tariff_ids) for row, plugs in wanted for plug in plugs
        }
        tariffs = {
            Named(peer_id, owner, id_)
            for peer_id, owner, ids in listed
            for id_ in offered_ids(self.partner_id, ids, self._addressed(peer_id, owner))
        }
        new = [one for one in tariffs if not is_recent(ports, self._named(one))]
        arrival = self.arrives_at or ports.clock.now()
        for named, hash_ in in_force_of(ports, new, arrival).items():
            keep(ports, self._named(named), hash_)

    def cheapest(self, row: MapRow, plugs: tuple[Plug, ...]) -> Money | None:
        """What the driver pays at the cheapest of the plugs; None where nothing could be billed."""
        found = [one for one in (self._at(row, plug) for plug in plugs) if one is not None]
        return min(found, key=self.in_euro, default=None)

    def in_euro(self, money: Money) -> int:
        """Cents to compare by, at the last published rates; what has none comes last."""
        if money.currency == _EURO:
            return money.minor
        day = self.ports.clock.now().date()
        rates = recent(self.ports, "rates", lambda: _if_any(lambda: rate_on(self.ports, day)))
        worth = None if rates is None else _if_any(lambda: convert(money, _EURO, rates))
        return _LAST if worth is None else worth.got.minor

    def _at(self, row: MapRow, plug: Plug) -> Money | None:
        lasts_s = self.car.duration_s(plug)
        if not 0 < lasts_s <= _LONGEST_S:
            return None
        case = (row.peer_id, row.owner, row.country, row.zone, plug.tariff_ids, lasts_s)
        if case not in self._priced:
            self._priced[case] = _if_any(lambda: self._worked(row, plug, lasts_s))
        return self._priced[case]

    def _worked(self, row: MapRow, plug: Plug, lasts_s: int) -> Money:
        terms = recent(self.ports, self._with(row), lambda: self._terms(row))
        arrival = self.arrives_at or self.ports.clock.now()
        tariff = prepared(self.ports, self._offered(row, plug, arrival), row.zone)
        worked = price(tariff, plan(tariff, arrival, self.car.energy_kwh, lasts_s))
        rate = terms.drivers_rate(row.country, arrival.date())
        gross = gross_of(worked, rate, tariff.tariff.currency)
        return gross - terms.rebate(gross, self.car.energy_kwh)

    def _terms(self, row: MapRow) -> Terms:
        now = self.ports.clock.now()
        agreement = agreement_in_force(self.ports, self.partner_id, row.cpo_id, now.date())
        return terms_for(self.ports, agreement, row.cpo_id, now)

    def _offered(self, row: MapRow, plug: Plug, arrival: datetime) -> TariffHash:
        def found(named: Named) -> TariffHash | None:
            return _if_any(lambda: in_force(self.ports, *named, arrival)[0])

        for id_ in offered_ids(
            self.partner_id, plug.tariff_ids, self._addressed(row.peer_id, row.owner)
        ):
            named = Named(row.peer_id, row.owner, id_)
            hash_ = recent(self.ports, self._named(named), partial(found, named))
            if hash_ is not None:
                return hash_
        raise TariffUnknown(", ".join(plug.tariff_ids))

    def _addressed(self, peer_id: PeerId, owner: tuple[str, str]) -> list[Addressed]:
        asked = ("addressed", peer_id, owner)
        return recent(self.ports, asked, lambda: addressed_by(self.ports, peer_id, owner))

    def _with(self, row: MapRow) -> Hashable:
        return "terms", self.partner_id, row.cpo_id

    def _named(self, tariff: Named) -> Hashable:
        return "tariff", tariff, self.arrives_at


def _if_any(read: Callable[[], T]) -> T | None:
    """None for whatever would be refused if a quote were asked for."""
    try:
        return read()
    except (Rejected, Conflict, NotYet):
        return None
