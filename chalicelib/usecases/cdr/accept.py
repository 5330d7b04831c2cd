"""Price a finished session, and owe everyone their part of it: once, whatever is repeated."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Invalid, Rejected
from chalicelib.domain.ids import PartyId, TariffHash
from chalicelib.domain.ledger.sale import sale_entry
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.effects import added, told, without
from chalicelib.domain.session.lifecycle import OPEN, SessionEvent, step
from chalicelib.domain.session.redress import sale_name
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.kept import CdrAccepted, CdrDiffers, CdrTooLarge, KeptCdr, kept_plain
from chalicelib.usecases.cdr.provisional import reverse_provisional
from chalicelib.usecases.cdr.raw import keep_raw
from chalicelib.usecases.cdr.second import keep_second, replaced
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.dispute.credit import accept_credit
from chalicelib.usecases.dispute.open import opened_by_claim
from chalicelib.usecases.dispute.payback import collected_anew
from chalicelib.usecases.network.reliability import saw_it_work
from chalicelib.usecases.partner.credit import settle
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.payment.chargeback import borne_once_billed
from chalicelib.usecases.records import Record, find, write_rows_first
from chalicelib.usecases.session.bill import Billing, as_bill, bill
from chalicelib.usecases.session.save import again, in_its_window, replacing, watch
from chalicelib.usecases.tariff.read import further_tariffs, version

__all__ = ["CdrAccepted", "CdrDiffers", "CdrTooLarge", "KeptCdr", "accept_cdr"]
_AHEAD_MAX = timedelta(days=1)  # clocks differ, and some tell local time for UTC


class CdrForUnknownSession(Rejected):
    code = "cdr_for_unknown_session"
    field = "session_id"

    def __init__(self, cdr_id: str) -> None:
        super().__init__(f"CDR {cdr_id} names no session of this channel")
        self.cdr_id = cdr_id
        self.how_to_fix = "send the authorization_reference of our START_SESSION"


class SessionAlreadyBilled(Conflict):
    code = "session_already_billed"
    field = "session_id"

    def __init__(self, session_id: str, cdr_id: str) -> None:
        super().__init__(f"session {session_id} was already billed by CDR {cdr_id}")
        self.session_id, self.cdr_id = session_id, cdr_id
        self.how_to_fix = "credit the first CDR before sending a second"


def accept_cdr(
    ports: Ports, connection: Connection, cdr: ReceivedCdr, raw_name: str, raw: bytes = b""
) -> CdrAccepted:
    """Bill the session of a CDR. The same CDR again is success and changes nothing.

    `raw` is kept under its name once the bill stands, so that a refused CDR leaves nothing.
    """

    def decide() -> CdrAccepted:
        key = keys.cdr(connection.id, cdr.country_code, cdr.party_id, cdr.id)
        kept = find(ports.store, key, KeptCdr)
        if kept is not None:
            if kept.value.raw_hash != cdr.raw_hash and not _same(kept.value.cdr, cdr):
                raise CdrDiffers(cdr.id)
            return CdrAccepted(cdr.id, kept.value.session_id, repeated=True)
        if cdr.credit:
            return accept_credit(ports, connection, cdr, raw_name, raw)
        record = _session_of(ports, connection, cdr)
        _check_end(cdr, ports.clock.now())
        put = Put(key, kept_plain(record.value.id, cdr, raw_name))
        writes = _billed(ports, record, cdr, put)
        if raw:
            keep_raw(ports, raw_name, raw)
        write_rows_first(ports.store, *writes)
        saw_it_work(ports, record.value)
        return CdrAccepted(cdr.id, record.value.id)

    return again(decide)


def _same(kept: ReceivedCdr, sent: ReceivedCdr) -> bool:
    """The same facts, though the bytes differ (a pull may order fields otherwise than a push).

    What was kept before parts of the cost were read has none; it is the same without them.
    """
    if len(kept.costs) == 1:
        sent = replace(
            sent,
            total_fixed_cost=None,
            total_energy_cost=None,
            total_time_cost=None,
            total_parking_cost=None,
            total_reservation_cost=None,
        )
    return kept == replace(sent, raw_hash=kept.raw_hash, last_updated=kept.last_updated)


def _check_end(cdr: ReceivedCdr, at: datetime) -> None:
    """What ends in the future would be booked into a window that nobody settles until then."""
    if cdr.end > at + _AHEAD_MAX:
        raise Invalid("end_date_time", f"{cdr.end:%Y-%m-%dT%H:%M:%SZ} has not come yet")


def _session_of(ports: Ports, connection: Connection, cdr: ReceivedCdr) -> Record[Session]:
    reference = cdr.authorization_reference
    if not reference and cdr.session_id:
        pk = keys.charging(connection.id, cdr.country_code, cdr.party_id, cdr.session_id)
        report = fold_partition(ports.store, pk)
        reference = "" if report is None else report.authorization_reference
    record = find(ports.store, keys.session(reference), Session) if reference else None
    if record is None or record.value.peer_id != connection.id:
        raise CdrForUnknownSession(cdr.id)
    if _party_of(connection, cdr) not in {record.value.cpo_id, None}:
        raise CdrForUnknownSession(cdr.id)  # of another CPO behind the same platform
    if record.value.state is SessionState.BILLED:
        keep_second(ports, record.value, cdr)
        raise SessionAlreadyBilled(record.value.id, record.value.cdr_id)
    return record


def _party_of(connection: Connection, cdr: ReceivedCdr) -> PartyId | None:
    return connection.identities.get(f"{cdr.country_code}*{cdr.party_id}".upper())


def _billed(
    ports: Ports, record: Record[Session], cdr: ReceivedCdr, kept: Put
) -> tuple[Write, ...]:
    """Session, journal entry, CDR and effects: one transaction."""
    at = ports.clock.now()
    session = replace(
        record.value,
        started_at=cdr.start,
        ended_at=cdr.end,
        energy_kwh=cdr.total_energy_kwh,
        cdr_id=cdr.id,
        charger_session=record.value.charger_session
        or f"{cdr.country_code}*{cdr.party_id}*{cdr.session_id}",
    )
    session = replace(session, other_tariffs=_further(ports, session, cdr))
    session, listed = in_its_window(session)
    writes: list[Write] = [kept, *listed]
    if session.detail.get("provisional"):
        session, reversal = reverse_provisional(ports, session, at)
        writes.append(reversal)
    anew = session.state is SessionState.CREDITED
    billing = bill(ports, _unlimited(session) if anew else session, cdr)
    session = step(_closed(session), SessionEvent.PRICED)
    session = replace(session, bill=(billed := as_bill(billing, cdr)))
    if not billed.is_of_nothing:
        owner, name, split = f"session#{session.id}", sale_name(session), billing.allocation
        entry = sale_entry(owner, split, billing.terms.agreement, at, name=name, cdr=cdr.id)
        session, write = book(session, name, entry, at)
        session, borne = borne_once_billed(ports, session, entry, at)
        writes.extend((write, *borne))
    if anew:
        session, moves = collected_anew(ports, session, at)
    else:
        session, moves = _collect(ports, session, billing)
    session, disputed = opened_by_claim(session, at)
    writes.extend((*moves, *disputed, *([replaced(session)] if anew else [])))
    session = added(session, EffectKind.SEAL_EVIDENCE, at)
    session = told(session, at, "session.receipt", gross=str(billing.gross.minor))
    if _unwatched(record.value):
        writes.append(watch(session.id, at))
    return replacing(record, session, at), *writes


def _further(ports: Ports, session: Session, cdr: ReceivedCdr) -> tuple[TariffHash, ...] | None:
    """What the periods name beside the tariff that was agreed to; mostly nothing, and not asked."""
    named = {period.tariff_id for period in cdr.periods} - {"", session.tariff_id}
    if not named:
        return None
    agreed = version(ports, session.tariff_hash)
    at, peer = session.requested_at, session.peer_id
    return further_tariffs(ports, peer, agreed, sorted(named), at) or None


def _unlimited(session: Session) -> Session:
    """A card is never billed anew for more than was taken from it; a purse can be."""
    if session.payment.method is PaymentMethod.CARD:
        return session
    return replace(session, payment=replace(session.payment, captured=None))


def _unwatched(session: Session) -> bool:
    """Whether no row of the sweeper leads to the session any more: its CDR comes after the last
    pull, or after it was given up. The stream alone must not decide whether its effects run.
    """
    soon = (effect for effect in session.effects if effect.kind is not EffectKind.RELEASE)
    return not any(soon) and session.state not in OPEN


def _closed(session: Session) -> Session:
    """A billed session waits for nothing from the charger any more."""
    return without(
        session,
        EffectKind.FIND_SESSION,
        EffectKind.STOP_CHARGING,
        EffectKind.PULL_CDR,
        EffectKind.EXTEND_HOLD,
    )


def _collect(ports: Ports, session: Session, billing: Billing) -> tuple[Session, tuple[Write, ...]]:
    """How the driver's money is taken: capture, the rest of a reservation, or a debt."""
    at, payment, gross = ports.clock.now(), session.payment, billing.gross
    if payment.method is not PaymentMethod.CARD:
        session = without(session, EffectKind.RELEASE)  # that waited for a CDR which never comes
        settled = settle(ports, session.partner_id, payment, gross)
        return replace(session, payment=settled.payment), settled.writes
    if payment.state is PaymentState.AUTHORISED and gross.minor:
        captured = min(gross, payment.hold, key=lambda money: money.minor)
        session = replace(session, payment=advance(payment, PaymentEvent.CAPTURE))
        return added(session, EffectKind.CAPTURE, at, minor=str(captured.minor)), ()
    if payment.state is PaymentState.AUTHORISED:
        return added(session, EffectKind.RELEASE, at), ()
    return _after_provisional(session, gross, at), ()


def _after_provisional(session: Session, gross: Money, at: datetime) -> Session:
    """Captured before the CDR came: what was too much goes back, now or when the capture is done.

    A hold that was released or never stood (a charger that started late) leaves a driver's debt.
    """
    payment = session.payment
    if payment.state is PaymentState.CAPTURED and payment.captured is not None:
        back = payment.captured - gross
        if back.minor > 0:
            session = replace(session, payment=advance(payment, PaymentEvent.REFUND))
            return added(session, EffectKind.REFUND, at, minor=str(back.minor))
    return session
