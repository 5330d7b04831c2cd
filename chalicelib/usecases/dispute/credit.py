"""A CPO takes a CDR back: what is booked, what do people decide, and what has to wait?

- It takes back exactly the CDR that our bill rests on: the sale is reversed by name, and the driver
  gets the money back. Another CDR of the session is then billed as if it were the first.
- It takes back another sum, or what a decision or a bank has changed meanwhile: people decide.
- It came before its original: it is kept, and looked at again until that comes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.dispute.dispute import Cause, Decision, Dispute, Reason, dispute_id
from chalicelib.domain.dispute.lifecycle import DisputeEvent, opened
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import Conflict, Rejected
from chalicelib.domain.ids import PartyId, PeerId, SessionId
from chalicelib.domain.ledger.reversal import reversal_entry, reversal_name
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.payment.waiting import Waiting, added, settled
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.credit import CreditCheck, check_credit
from chalicelib.domain.session.effects import told
from chalicelib.domain.session.lifecycle import SessionEvent, step
from chalicelib.domain.session.redress import owed, present_sale, redress_of, with_dispute
from chalicelib.domain.session.session import CreditedSale, Session, SessionState
from chalicelib.domain.tariff.claim.parts import Match
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.kept import CdrAccepted, CdrDiffers, KeptCdr, kept_plain
from chalicelib.usecases.dispute.payback import REPLACEMENT_COMES, given_back
from chalicelib.usecases.dispute.save import about, booked_for, writes_of
from chalicelib.usecases.effect.waiting import Came, rows_of
from chalicelib.usecases.hub.told import begun_by
from chalicelib.usecases.payment.booking import entry_of
from chalicelib.usecases.records import Record, create, find, load, write_rows_first
from chalicelib.usecases.session.save import replacing, watch

_FIRST_LOOK, _LOOKS_FOR = timedelta(minutes=5), timedelta(days=60)
_LONGEST_PAUSE = timedelta(days=1)


class CreditCdrDiffers(Rejected):
    """It is of another session, or not negative: nothing that staff could decide about."""

    code = "credit_cdr_differs"
    field = "credit"
    how_to_fix = "send all data of the original again and only total_cost negated"

    def __init__(self, cdr_id: str, original_id: str, check: CreditCheck) -> None:
        super().__init__(f"CDR {cdr_id} credits CDR {original_id!r}: {check.text}")
        self.cdr_id, self.original_id, self.check = cdr_id, original_id, check


class CreditNamesNone(Rejected):
    code = "credit_names_no_cdr"
    field = "credit_reference_id"
    how_to_fix = "name the CDR that it takes back"

    def __init__(self, cdr_id: str) -> None:
        super().__init__(f"credit CDR {cdr_id} does not say what it takes back")
        self.cdr_id = cdr_id


class AlreadyCredited(Conflict):
    code = "cdr_already_credited"
    field = "credit_reference_id"
    how_to_fix = "credit the CDR that the session is billed by now"

    def __init__(self, cdr_id: str, original_id: str) -> None:
        super().__init__(f"CDR {original_id!r} was taken back before CDR {cdr_id} came")
        self.cdr_id, self.original_id = cdr_id, original_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyCredit(Waiting):
    """A credit CDR before its original. `refusal` says why it was given up."""

    connection_id: PeerId
    cdr: ReceivedCdr
    raw_name: str
    came_at: datetime
    booked: bool = False
    refusal: str = ""


def accept_credit(
    ports: Ports, connection: Connection, cdr: ReceivedCdr, raw_name: str, raw: bytes = b""
) -> CdrAccepted:
    """Book it, open a dispute about it, or keep it. The caller looked whether it was here before.

    Raises CreditNamesNone, CreditCdrDiffers, AlreadyCredited, CdrTooLarge.
    """
    if not cdr.credit_reference_id:
        raise CreditNamesNone(cdr.id)
    early = keys.early_credit(connection.id, cdr.country_code, cdr.party_id, cdr.id)
    waiting = find(ports.store, early, EarlyCredit)
    if waiting is not None and waiting.value.cdr.raw_hash != cdr.raw_hash:
        raise CdrDiffers(cdr.id)
    writes = _writes(ports, connection, cdr, raw_name)
    if writes is None and waiting is not None:
        return CdrAccepted(cdr.id, SessionId(""), repeated=True)
    if raw:
        ports.files.seal(raw_name, raw, "application/json")
    if writes is None:
        write_rows_first(ports.store, *_kept_early(ports, early, connection, cdr, raw_name))
        return CdrAccepted(cdr.id, SessionId(""))
    session_id, booked = writes
    write_rows_first(ports.store, *booked)
    return CdrAccepted(cdr.id, session_id)


def look_for_original(ports: Ports, early: EarlyCredit, effect: Effect) -> Came[EarlyCredit]:
    """Has the original come? Then the credit is booked as if it came now."""
    at, key = ports.clock.now(), _key_of(early)
    listed = Delete(Key(keys.early_credits(), key.pk))
    done = settled(early, effect)
    connection = load(ports.store, keys.peer(early.connection_id), Connection, "connection").value
    if find(ports.store, keys.cdr(*_named(early.connection_id, early.cdr)), KeptCdr) is not None:
        return Came(replace(done, booked=True), (listed,))  # sent again meanwhile, and booked then
    try:
        found = _writes(ports, connection, early.cdr, early.raw_name)
    except (Rejected, Conflict) as refusal:
        return Came(replace(done, refusal=refusal.code))  # stays listed: people look
    if found is not None:
        return Came(replace(done, booked=True), (*found[1], listed))
    if at - early.came_at > _LOOKS_FOR:
        return Came(replace(done, refusal="original_unknown"))
    pause = min(max(at - early.came_at, _FIRST_LOOK), _LONGEST_PAUSE)
    return Came(added(done, EffectKind.LOOK_UP, at, after=pause))


def _named(connection_id: PeerId, cdr: ReceivedCdr) -> tuple[PeerId, str, str, str]:
    return connection_id, cdr.country_code, cdr.party_id, cdr.id


def _key_of(early: EarlyCredit) -> Key:
    return keys.early_credit(*_named(early.connection_id, early.cdr))


def _kept_early(
    ports: Ports, key: Key, connection: Connection, cdr: ReceivedCdr, raw_name: str
) -> tuple[Write, ...]:
    at = ports.clock.now()
    kept_plain(SessionId(""), cdr, raw_name)  # refuses what is too large for an item
    early = EarlyCredit(
        id=cdr.id,
        partner_id=PartyId(""),
        connection_id=connection.id,
        cdr=cdr,
        raw_name=raw_name,
        came_at=at,
    )
    early = added(early, EffectKind.LOOK_UP, at, after=_FIRST_LOOK)
    listed = Put(Key(keys.early_credits(), key.pk), {}, expects=None)
    return (*rows_of(early, key.pk), listed, create(key, early))


def _writes(
    ports: Ports, connection: Connection, cdr: ReceivedCdr, raw_name: str
) -> tuple[SessionId, tuple[Write, ...]] | None:
    """One transaction; None while the original is not known."""
    original_id, at = cdr.credit_reference_id, ports.clock.now()
    key = keys.cdr(connection.id, cdr.country_code, cdr.party_id, original_id)
    original = find(ports.store, key, KeptCdr)
    if original is None:
        return None
    check = check_credit(original.value.cdr, cdr, Money(1, cdr.currency).exact)
    record = load(ports.store, keys.session(original.value.session_id), Session, "session")
    session = record.value
    negative = cdr.total_cost.excl_vat < 0 or original.value.cdr.total_cost.excl_vat == 0
    if check.differing or original.value.cdr.credit or not negative:
        raise CreditCdrDiffers(cdr.id, original_id, check)
    if session.cdr_id != original_id or session.state is not SessionState.BILLED:
        raise AlreadyCredited(cdr.id, original_id)
    mine = keys.cdr(*_named(connection.id, cdr))
    kept = Put(mine, kept_plain(session.id, cdr, raw_name))
    changed = redress_of(session).given_back or session.payment.state is PaymentState.CHARGED_BACK
    if check.match is Match.DIFFERS or changed:
        return session.id, (kept, *_for_people(record, cdr, check, at))
    return session.id, (kept, *_taken_back(ports, record, cdr, check, at))


def _dispute(session: Session, cdr: ReceivedCdr, check: CreditCheck, at: datetime) -> Dispute:
    id_ = dispute_id(Cause.CREDIT, session.id, cdr.id)
    left = owed(session)
    assert left is not None, "a billed session has a bill"
    dispute = about(session, id_, Cause.CREDIT, Reason.MISPRICED, left, at)
    return replace(dispute, reference=cdr.id, text=check.text)


def _for_people(
    record: Record[Session], cdr: ReceivedCdr, check: CreditCheck, at: datetime
) -> tuple[Write, ...]:
    dispute = opened(_dispute(record.value, cdr, check, at), DisputeEvent.OPENED, at)
    session = with_dispute(record.value, dispute.id)
    return (*writes_of(dispute, None, at), replacing(record, session, at))


def _taken_back(
    ports: Ports, record: Record[Session], cdr: ReceivedCdr, check: CreditCheck, at: datetime
) -> tuple[Write, ...]:
    """Sale reversed, payment back on its way, dispute granted: nobody has to decide."""
    session, writes = record.value, list[Write]()
    assert session.bill is not None, "a billed session has a bill"
    dispute = _dispute(session, cdr, check, at)
    decision = Decision("credit_cdr", ("cpo",), at, session.bill.gross, Bearer.CPO)
    dispute = opened(replace(dispute, decision=decision), DisputeEvent.GRANTED, at)
    sale, reversal_id, sold_at = present_sale(session), "", at
    if sale is not None:
        entry = entry_of(ports, sale)
        sold_at = entry.at
        names = [booked.name for booked in session.booked]
        reversal = reversal_entry(entry, at, booked=names, dispute=dispute.id, credit_cdr=cdr.id)
        reversal_id = reversal.id
        name = reversal_name(entry)
        session, dispute, write = booked_for(session, dispute, name, reversal, at)
        writes.append(write)
    assert session.bill is not None, "as before"
    known = redress_of(with_dispute(session, dispute.id))
    sale_id = "" if sale is None else sale.entry_id
    credited = CreditedSale(session.bill, session.cdr_id, cdr.id, sale_id, reversal_id)
    known = replace(known, credited=(*known.credited, credited))
    session = replace(step(session, SessionEvent.CREDITED), bill=None, redress=known)
    session, moves = given_back(
        ports, session, dispute.id, at, sold_at=sold_at, after=REPLACEMENT_COMES
    )
    if not moves and begun_by(session) is not None:  # its eMSP has a CDR, if of nothing
        session = told(session, at, "session.refunded", minor="0")
        moves = (watch(session.id, at),)
    return (*writes_of(dispute, None, at), replacing(record, session, at), *writes, *moves)
