"""What is there before a history begins? Two CPOs, a partner for each way to pay, their terms.

Made once for each day by the real use cases; each history gets a fork of the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from chalicelib.domain.agreement.agreement import Agreement, Bearer, Form, PaymentMethod
from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.ids import CHANNEL, AgreementId, PartyId, PeerId, QuoteId, TokenId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.network.location import Location
from chalicelib.domain.party.party import Kyc, Party, PartyKind, VatRegistration
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.records import Record, create, find
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.plain import MemoryClock
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import CPO, EUR, PARTNERS, PEER, SINCE, World
from sandbox.simulation.table import SimulatedTable
from sandbox.simulation.trip import CARDS, DEBITS

CHF = Currency("CHF")
SECOND_CPO, SECOND_PEER = PartyId("cpo_douro"), PeerId("peer_douro")
QUOTE_LIVES = timedelta(minutes=30)
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_TERMS_SINCE = date(2026, 1, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """A CPO with its one charger."""

    cpo: PartyId
    peer: PeerId
    party: tuple[str, str]
    country: str
    zone: str
    tariff: Tariff
    location: Location
    account: str
    connection: Connection

    @property
    def hash(self) -> str:
        return str(tariff_hash(self.tariff))


@dataclass(frozen=True, slots=True)
class Market:
    """`ids`: how many ids were given before it began, so that none is given twice."""

    table: SimulatedTable
    places: tuple[Place, ...]
    agreements: Mapping[tuple[PaymentMethod, PartyId], AgreementId]  # of each partner and CPO

    def quote(self, number: int, place: Place, method: PaymentMethod, hold: Money) -> Quote:
        """A quote as quote/make.py would make it; it is written when the driver asks."""
        return Quote(
            id=QuoteId(f"quo_{number}"),
            partner_id=PARTNERS[method],
            agreement_id=self.agreements[method, place.cpo],
            cpo_id=place.cpo,
            peer_id=place.peer,
            location_id=place.location.id,
            evse_uid="E1",
            connector_id="1",
            country=place.country,
            time_zone=place.zone,
            settlement_zone=place.zone,
            tariff_id=place.tariff.id,
            tariff_hash=tariff_hash(place.tariff),
            energy_kwh=Decimal(30),
            duration_s=3600,
            expected=Money(1749, EUR),
            hold=hold,
            made_at=_LONG_AGO,
            expires_at=_LONG_AGO,
        )


@cache
def market_of(day: datetime, cpos: int) -> Market:
    """The market on the morning of a day. The second CPO's zone, country and currency differ."""
    clock = MemoryClock(day)
    table = SimulatedTable()
    world = World(ports=MemoryPorts(clock=clock, store=table))
    first = Place(
        CPO,
        PEER,
        ("DE", "RHE"),
        "DE",
        "Europe/Berlin",
        world.tariff,
        world.ports.cpos.network[0],
        "acct_rhein",
        world.connection,
    )
    places = (first, _second(world, first)) if cpos > 1 else (first,)
    for party in (*(place.cpo for place in places), *PARTNERS.values()):
        table.write(Put(Key(keys.parties(), party), {}, expects=None))
    for number in range(-5, 60):  # what is published later is not read before
        published = day.date() + timedelta(days=number)
        if published.weekday() < 5:
            rates = DailyRates(published, {"CHF": Decimal("0.94")}, "ecb")
            table.write(create(keys.daily_rates(published.isoformat()), rates))
    for card, source in {**{card: card for card in CARDS}, **DEBITS}.items():
        _token_with(table, card, source)
    for place in places:
        _pulled_until(table, place, day)
    open_due(world.ports, MemoryMachine(world.ports))  # the zones are known from here on
    table.stream.clear()
    agreements = {
        (method, place.cpo): agreement_in_force(world.ports, partner, place.cpo, _TERMS_SINCE).id
        for method, partner in PARTNERS.items()
        for place in places
    }
    return Market(table, places, agreements)


def _second(world: World, first: Place) -> Place:
    """A Portuguese CPO that is paid in francs; two of the partners have terms of its own."""
    ports, table = world.ports, world.ports.store
    registered = find(table, keys.party(CHANNEL), Party)
    assert registered is not None, "the world has a channel"
    here = VatRegistration("PT", "PT123456789", SINCE)
    cpo = _second_cpo(ports, registered, here)
    tariff = _second_tariff(ports)
    for method in (PaymentMethod.CARD, PaymentMethod.PREPAID):
        make_agreement(ports, _own_terms(method))
    location = replace(
        first.location,
        peer_id=SECOND_PEER,
        cpo_id=cpo.id,
        country_code="PT",
        party_id="DOU",
        country="PT",
        time_zone="Europe/Lisbon",
    )
    return Place(
        cpo.id,
        SECOND_PEER,
        ("PT", "DOU"),
        "PT",
        "Europe/Lisbon",
        tariff,
        location,
        cpo.payout_account,
        connection_of(ports, SECOND_PEER),
    )


def _second_cpo(ports: Ports, registered: Record[Party], here: VatRegistration) -> Party:
    table = ports.store
    channel = replace(registered.value, vat=(*registered.value.vat, here))
    table.write(registered.put(channel))
    cpo = Party(
        id=SECOND_CPO,
        kind=PartyKind.CPO,
        name="Douro",
        country="PT",
        settlement_currency=CHF,
        time_zone="Europe/Lisbon",
        vat=(here,),
        kyc=Kyc.VERIFIED,
        payout_account="acct_douro",
        self_billing_since=SINCE,
    )
    table.write(create(keys.party(cpo.id), cpo))
    connection = Connection(
        SECOND_PEER, ConnectionState.REGISTERED, cpo.id, {"PT*DOU": cpo.id}, version="2.2.1"
    )
    table.write(create(keys.peer(SECOND_PEER), connection))
    return cpo


def _second_tariff(ports: Ports) -> Tariff:
    table = ports.store
    elements = (
        TariffElement((PriceComponent(Dimension.ENERGY, Decimal("0.39"), 1, None),)),
        TariffElement((PriceComponent(Dimension.FLAT, Decimal("1.00"), 1, None),)),
    )
    tariff = Tariff("PT", "DOU", "T2", EUR, elements, _LONG_AGO)
    hash_ = tariff_hash(tariff)
    table.write(create(keys.tariff_version(hash_), tariff))
    listed = keys.tariff_versions(SECOND_PEER, "PT", "DOU", "T2")
    table.write(Put(Key(listed, f"2026-01-01T00:00:00Z#{hash_}"), {}))
    return tariff


def _pulled_until(table: SimulatedTable, place: Place, at: datetime) -> None:
    """The hourly pull has been at this CPO a moment ago: the next one goes on from here."""
    cursors = dict.fromkeys(("tariffs", "locations", "sessions", "cdrs"), instant_text(at))
    health = PeerHealth(cursors=cursors, looked_back_at=at)
    table.write(create(keys.peer_health(place.peer), health))
    table.write(Put(Key(keys.peers(), place.peer), {}, expects=None))


def token_of(method: PaymentMethod, card: str) -> str:
    """The token of a partner's driver; each card has its own."""
    return f"tok_{card}" if method is PaymentMethod.CARD else f"tok_{method.value}"


def _token_with(table: SimulatedTable, card: str, source: str) -> None:
    first = find(table, keys.token(PaymentMethod.CARD.value), Token)
    assert first is not None, "the world's app has a token"
    id_ = TokenId(token_of(PaymentMethod.CARD, card))
    token = replace(first.value, id=id_, uid=card, contract_id=f"DE-{card}", payment_source=source)
    table.write(create(keys.token(token.uid), token))
    table.write(Put(keys.token_id(token.id), {"uid": token.uid}))


def _own_terms(method: PaymentMethod) -> Agreement:
    """The card's fees are the CPO's, so that a payee may end up owing us."""
    card = method is PaymentMethod.CARD
    return Agreement(
        id=AgreementId(f"agr_douro_{method.value}"),
        partner_id=PARTNERS[method],
        cpo_id=SECOND_CPO,
        commission=Decimal("0.10"),
        partner_share=Decimal("0.25"),
        payment_method=method,
        since=_TERMS_SINCE,
        form=Form.COMMISSION,
        fee_bearer=Bearer.CPO if card else Bearer.PARTNER,
    )


def quote_row(quote: Quote, at: datetime) -> Put:
    """The quote as asked for at an instant."""
    made = replace(quote, made_at=at, expires_at=at + QUOTE_LIVES)
    return create(keys.quote(made.id), made)
