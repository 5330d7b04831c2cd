"""Price a finished session, and owe everyone their part of it: once, whatever is repeated."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Invalid, Rejected
from chalicelib.domain.ids import PartyId, SessionId
from chalicelib.domain.ledger.sale import sale_entry
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.effects import added, told, without
from chalicelib.domain.session.lifecycle import SessionEvent, step
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.provisional import reverse_provisional
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.partner.credit import settle
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.records import Record, find, write_rows_first
from chalicelib.usecases.session.bill import Billing, as_bill, bill
from chalicelib.usecases.session.save import again, in_its_window, replacing

_KEPT_BYTES_MAX = 300_000  # an item of the table has at most 400 KB
_AHEAD_MAX = timedelta(days=1)  # clocks differ, and some tell local time for UTC


@dataclass(frozen=True, slots=True)
class CdrAccepted:
    cdr_id: str
    session_id: SessionId
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class KeptCdr:
    """What the table keeps of a CDR; its bytes lie in `raw_name`."""

    session_id: SessionId
    raw_hash: str
    raw_name: str
    cdr: ReceivedCdr


class CdrForUnknownSession(Rejected):
    code = "cdr_for_unknown_session"
    field = "session_id"

    def __init__(self, cdr_id: str) -> None:
        super().__init__(f"CDR {cdr_id} names no session of this channel")
        self.cdr_id = cdr_id
        self.how_to_fix = "send the authorization_reference of our START_SESSION"


class CdrDiffers(Conflict):
    code = "cdr_differs"
    field = "id"

    def __init__(self, cdr_id: str) -> None:
        super().__init__(f"CDR {cdr_id} was already accepted with other content")
        self.cdr_id = cdr_id
        self.how_to_fix = "a CDR is immutable: send a credit CDR, then a new one"


class CdrTooLarge(Rejected):
    code = "cdr_too_large"
    how_to_fix = "send fewer charging periods and only the tariffs that were applied"

    def __init__(self, cdr_id: str, size: int) -> None:
        super().__init__(f"CDR {cdr_id} has {size} bytes of facts, more than {_KEPT_BYTES_MAX}")
        self.cdr_id, self.size = cdr_id, size


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

    `raw` is sealed under its name once the bill stands, so that a refused CDR leaves nothing.
    """

    def decide() -> CdrAccepted:
        key = keys.cdr(connection.id, cdr.country_code, cdr.party_id, cdr.id)
        kept = find(ports.store, key, KeptCdr)
        if kept is not None:
            if kept.value.raw_hash != cdr.raw_hash and not _same(kept.value.cdr, cdr):
                raise CdrDiffers(cdr.id)
            return CdrAccepted(cdr.id, kept.value.session_id, repeated=True)
        record = _session_of(ports, connection, cdr)
        _check_end(cdr, ports.clock.now())
        put = Put(key, _kept(record.value, cdr, raw_name))
        writes = _billed(ports, record, cdr, put)
        if raw:
            ports.files.seal(raw_name, raw, "application/json")
        write_rows_first(ports.store, *writes)
        return CdrAccepted(cdr.id, record.value.id)

    return again(decide)


def _same(one: ReceivedCdr, other: ReceivedCdr) -> bool:
    """The same facts, though the bytes differ (a pull may order fields otherwise than a push)."""
    return one == replace(other, raw_hash=one.raw_hash, last_updated=one.last_updated)


def _kept(session: Session, cdr: ReceivedCdr, raw_name: str) -> dict[str, Any]:
    kept: dict[str, Any] = to_plain(KeptCdr(session.id, cdr.raw_hash, raw_name, cdr))
    size = len(canonical_bytes(kept))
    if size > _KEPT_BYTES_MAX:
        raise CdrTooLarge(cdr.id, size)
    return kept


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
    session, listed = in_its_window(session)
    writes: list[Write] = [kept, *listed]
    if session.detail.get("provisional"):
        session, reversal = reverse_provisional(ports, session, at)
        writes.append(reversal)
    billing = bill(ports, session, cdr)
    session = step(_closed(session), SessionEvent.PRICED)
    session = replace(session, bill=as_bill(billing, cdr))
    if billing.gross.minor:
        owner = f"session#{session.id}"
        entry = sale_entry(owner, billing.allocation, billing.terms.agreement, at, cdr=cdr.id)
        session, write = book(session, "sale", entry, at)
        writes.append(write)
    session, moves = _collect(ports, session, billing)
    writes.extend(moves)
    session = added(session, EffectKind.SEAL_EVIDENCE, at)
    session = told(session, at, "session.receipt", gross=str(billing.gross.minor))
    return replacing(record, session, at), *writes


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
