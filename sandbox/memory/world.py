"""A small channel in memory: one German CPO with one charger, and a partner of each payment method.

The public tariff is 0.49 EUR/kWh plus 19 % VAT; commission 8 %, the partner's share half of it.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import CHANNEL, AgreementId, PartyId, PeerId, TokenId, external_id
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.party.party import Kyc, Party, PartyKind, VatRegistration
from chalicelib.domain.session.charged import (
    ChargerStatus,
    ChargingPeriod,
    Cost,
    ReceivedCdr,
    ReportedSession,
)
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.staff import PayoutLimit
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.domain.token.token import Token
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.charger_session.accept_report import accept_pulled
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.top_up import top_up
from chalicelib.usecases.records import create, find
from chalicelib.usecases.session.follow import follow
from chalicelib.usecases.session.start import start
from chalicelib.usecases.tariff.published import Named, row
from sandbox.memory.ports import MemoryPorts

EUR = Currency("EUR")
ZONE = "Europe/Berlin"
CPO = PartyId("cpo_rhein")
PEER = PeerId("peer_rhein")
PARTNERS = {
    PaymentMethod.CARD: PartyId("par_app"),
    PaymentMethod.PREPAID: PartyId("par_insurer"),
    PaymentMethod.INVOICE: PartyId("par_fleet"),
}
SINCE = date(2026, 1, 1)
_LIMITED = (EUR, Currency("CHF"), Currency("HUF"), Currency("SEK"))  # for two people above it
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """`settle()` does what the table's stream would: runs effects until none is due."""

    ports: MemoryPorts = field(default_factory=MemoryPorts)
    price_kwh: Decimal = Decimal("0.49")
    card: str = "pm_card_visa"
    _keys: int = 0

    def __post_init__(self) -> None:
        _seed(self)
        sweep(self.ports)  # it has always been running
        self.ports.store.stream.clear()

    @property
    def connection(self) -> Connection:
        record = find(self.ports.store, keys.peer(PEER), Connection)
        assert record is not None, "the world has one connection"
        return record.value

    @property
    def tariff(self) -> Tariff:
        component = PriceComponent(Dimension.ENERGY, self.price_kwh, 1, Decimal(19))
        return Tariff("DE", "RHE", "T1", EUR, (TariffElement((component,)),), _LONG_AGO)

    def session(self, session_id: str) -> Session:
        record = find(self.ports.store, keys.session(session_id), Session)
        assert record is not None, session_id
        return record.value

    def start(
        self,
        method: PaymentMethod = PaymentMethod.CARD,
        hold_minor: int = 3000,
        evse_uid: str = "E1",
    ) -> Session:
        """A partner starts with a fresh quote and Idempotency-Key; effects have run."""
        self._keys += 1
        quote_id = f"quo_{self._keys}"
        self.ports.store.write(
            create(keys.quote(quote_id), self._quote(quote_id, method, hold_minor, evse_uid))
        )
        token = f"tok_{method.value}"
        session = start(self.ports, PARTNERS[method], quote_id, token, f"k{self._keys}", "h")
        self.settle()
        return self.session(session.id)

    def report(self, session: Session, status: ChargerStatus, kwh: str, minutes: int) -> Session:
        """The CPO tells, with all that it knows, how far the session is."""
        began = session.requested_at + timedelta(minutes=1)
        now = began + timedelta(minutes=minutes)
        self.ports.clock.at = max(self.ports.clock.at, now)
        told = ReportedSession(
            country_code="DE",
            party_id="RHE",
            id=f"cs-{session.id[-6:]}",
            start=began,
            status=status,
            last_updated=now,
            currency=EUR,
            kwh=Decimal(kwh),
            end=now if status is ChargerStatus.COMPLETED else None,
            token_uid=session.token_uid,
            authorization_reference=session.authorization_reference,
            location_id="L1",
            evse_uid="E1",
            connector_id="1",
        )
        self.ports.cpos.reports.append(told)  # whoever pulls hears the same
        accept_pulled(self.ports, self.connection, Received(told, "{}"))
        self.settle()
        return self.session(session.id)

    def cdr(
        self, session: Session, kwh: str = "30", excl: str = "14.70", **other: str
    ) -> ReceivedCdr:
        """The CDR of an hour's charge; `incl` defaults to 19 % more."""
        began = session.requested_at + timedelta(minutes=1)
        ended = began + timedelta(hours=1)
        self.ports.clock.at = max(self.ports.clock.at, ended)
        incl = Decimal(other.get("incl", str(Decimal(excl) * Decimal("1.19"))))
        period = ChargingPeriod(began, energy_kwh=Decimal(kwh), time_h=Decimal(1))
        return ReceivedCdr(
            country_code="DE",
            party_id="RHE",
            id=other.get("id", f"cdr-{session.id[-6:]}"),
            start=began,
            end=ended,
            currency=Currency(other.get("currency", "EUR")),
            total_cost=Cost(Decimal(excl), incl),
            total_energy_kwh=Decimal(kwh),
            total_time_h=Decimal(1),
            periods=(period,),
            last_updated=ended,
            session_id=f"cs-{session.id[-6:]}",
            authorization_reference=other.get("reference", session.authorization_reference),
            token_uid=session.token_uid,
        )

    def charge(self, method: PaymentMethod = PaymentMethod.CARD) -> Session:
        """A whole charge of 30 kWh as the charger tells it; the CDR is still to come."""
        session = self.start(method)
        session = self.report(session, ChargerStatus.ACTIVE, "1", 5)
        return self.report(session, ChargerStatus.COMPLETED, "30", 60)

    def bill(self, session: Session, **cdr: str) -> Session:
        """The session's CDR comes, and what follows has run."""
        accept_cdr(self.ports, self.connection, self.cdr(session, **cdr), "cdr/raw.json")
        self.settle()
        return self.session(session.id)

    def entries(self, session: Session) -> dict[str, Entry]:
        """What the session has booked, by name."""
        found = {}
        for booked in session.booked:
            item = self.ports.store.get(keys.entry(booked.window, booked.entry_id))
            assert item is not None, f"{booked.name} is named by its owner and not in the books"
            found[booked.name] = from_plain(Entry, item.body)
        return found

    def everything(self) -> list[Entry]:
        """Every entry in the books, whoever owns it."""
        dump = self.ports.store.dump()
        return [from_plain(Entry, body) for name, body in dump.items() if "entry#" in name]

    def settle(self) -> None:
        """Read the stream to its end."""
        stream = self.ports.store.stream
        while stream:
            key = stream.popleft()
            if key.pk.startswith("charging#"):
                follow(self.ports, key.pk)
            else:
                run_owner(self.ports, key.pk)

    def _quote(
        self, quote_id: str, method: PaymentMethod, hold_minor: int, evse_uid: str
    ) -> dict[str, object]:
        at = self.ports.clock.now()
        agreement = agreement_in_force(self.ports, PARTNERS[method], CPO, at.date())
        plain: dict[str, object] = to_plain(
            {
                "id": quote_id,
                "partner_id": PARTNERS[method],
                "agreement_id": agreement.id,
                "cpo_id": CPO,
                "peer_id": PEER,
                "location_id": "L1",
                "place_id": external_id("loc", PEER, "DE", "RHE", "L1"),
                "evse_uid": evse_uid,
                "connector_id": "1",
                "country": "DE",
                "time_zone": ZONE,
                "settlement_zone": ZONE,
                "tariff_id": "T1",
                "tariff_hash": tariff_hash(self.tariff),
                "energy_kwh": Decimal(30),
                "duration_s": 3600,
                "expected": Money(1749, EUR),
                "hold": Money(hold_minor, EUR),
                "made_at": at,
                "expires_at": at + timedelta(minutes=30),
            }
        )
        return plain


def _seed(world: World) -> None:
    ports = world.ports
    german = (VatRegistration("DE", "DE123456789", SINCE),)
    channel = Party(CHANNEL, PartyKind.CHANNEL, "Plugrail", "DE", EUR, vat=german, time_zone=ZONE)
    cpo = replace(
        channel, id=CPO, kind=PartyKind.CPO, name="Rheinstrom", payout_account="acct_rhein"
    )
    for party in (channel, replace(cpo, kyc=Kyc.VERIFIED, self_billing_since=SINCE)):
        ports.store.write(create(keys.party(party.id), party))
    for code in _LIMITED:
        ports.store.write(create(keys.approval_limit(code), PayoutLimit(Money(10**9, code), ())))
    for method, partner_id in PARTNERS.items():
        _partner(world, method, replace(cpo, id=partner_id, kind=PartyKind.PARTNER))
    connection = Connection(PEER, ConnectionState.REGISTERED, CPO, {"DE*RHE": CPO}, version="2.2.1")
    hash_ = tariff_hash(world.tariff)
    ports.cpos.network.append(_location())
    listed = Key(keys.tariff_versions(PEER, "DE", "RHE", "T1"), f"2026-01-01T00:00:00Z#{hash_}")
    publication = Put(listed, {"last_updated": instant_text(_LONG_AGO), "raw_name": ""})
    shown = row(Named(PEER, ("DE", "RHE"), "T1"), None, world.tariff, publication)
    version = create(keys.tariff_version(hash_), world.tariff)
    ports.store.write(create(keys.peer(PEER), connection), publication, version, shown)


def _location() -> Location:
    connector = Connector("1", "IEC_62196_T2_COMBO", "DC", 150_000, ("T1",), "CABLE")
    return Location(
        peer_id=PEER,
        cpo_id=CPO,
        country_code="DE",
        party_id="RHE",
        id="L1",
        name="Domplatz",
        address="Domplatz 1",
        city="Köln",
        country="DE",
        latitude=Decimal("50.9413"),
        longitude=Decimal("6.9583"),
        time_zone=ZONE,
        evses=(Evse("E1", "DE*RHE*E1", EvseStatus.AVAILABLE, (connector,), _LONG_AGO),),
        last_updated=_LONG_AGO,
    )


def _partner(world: World, method: PaymentMethod, party: Party) -> None:
    ports = world.ports
    known = replace(
        party, name=method.value, kyc=Kyc.VERIFIED, payout_account=f"acct_{method.value}"
    )
    agreement = Agreement(
        id=AgreementId(f"agr_{method.value}"),
        partner_id=party.id,
        cpo_id=PartyId("*"),
        commission=Decimal("0.08"),
        partner_share=Decimal("0.5"),
        payment_method=method,
        since=SINCE,
        credit_limit=Money(100_000, EUR) if method is PaymentMethod.INVOICE else None,
    )
    token = Token(
        id=TokenId(f"tok_{method.value}"),
        partner_id=party.id,
        uid=method.value,
        contract_id=f"DE-PLG-{method.value}",
        driver_hash="0" * 64,
        valid=True,
        last_updated=_LONG_AGO,
        payment_source=world.card if method is PaymentMethod.CARD else "",
    )
    ports.store.write(create(keys.party(party.id), known), Put(Key(keys.parties(), party.id), {}))
    make_agreement(ports, agreement)
    ports.store.write(create(keys.token(token.uid), token))
    ports.store.write(Put(keys.token_id(token.id), {"uid": token.uid}))
    if method is PaymentMethod.PREPAID:
        top_up(ports, party.id, Money(50_000, EUR), "seed")
