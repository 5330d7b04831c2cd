"""What is an eMSP told of its sessions, now and when it reads? Found under the instants of telling.

A session that an eMSP started says so in its `detail`; for all others this costs nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import Effect
from chalicelib.domain.hub.session import Begun, Paid, ToldCdr, ToldSession, answering, status_of
from chalicelib.domain.hub.token import erased
from chalicelib.domain.ids import PeerId, SessionId
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Bill, Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.kept import KeptCdr
from chalicelib.usecases.cdr.provisional import charging_partition
from chalicelib.usecases.cdr.raw import raw_of
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.hub.tokens import emsp_token
from chalicelib.usecases.network.read import location_of, location_raw
from chalicelib.usecases.records import load
from chalicelib.usecases.session.live import live
from chalicelib.usecases.session.terms import terms_of
from chalicelib.usecases.tariff.read import version

RECEIPT = "session.receipt"
_PAGE, _TOGETHER = 1000, 100
_END = "~"  # behind every instant
Span = tuple[datetime | None, datetime | None]


def begun_by(session: Session) -> Begun | None:
    """How an eMSP began it; None for a session of the partner's API."""
    told = session.detail.get("emsp")
    return None if told is None else from_plain(Begun, told)


def with_begun(session: Session, begun: Begun) -> Session:
    return replace(session, detail={**session.detail, "emsp": to_plain(begun)})


def listed_for_emsp(ports: Ports, session: Session, effect: Effect) -> Session:
    """The session as of this telling, with the rows by which the eMSP finds it and its CDRs."""
    begun = begun_by(session)
    if begun is None:
        return session
    at, name = effect.made_at, _name(effect.made_at, session)
    begun = answering(begun, effect.detail["type"], int(effect.detail["sequence"]))
    row = {
        "start": begun.start_by,
        "stop": begun.stop_by,
        "of": begun.identity,
        "charged": session.started_at is not None,
    }
    ports.store.write(Put(Key(keys.emsp_sessions(begun.peer_id), name), row, expects=None))
    credited = () if session.redress is None else session.redress.credited
    fresh = [sale.credit_cdr_id for sale in credited[begun.credits :]]
    if effect.detail["type"] == RECEIPT:
        fresh.append(session.cdr_id)
    for cdr_id in fresh:
        listed = Key(keys.emsp_cdrs(begun.peer_id), f"{name}#{cdr_id}")
        ports.store.write(Put(listed, {"of": begun.identity}, expects=None))
    return with_begun(session, replace(begun, updated_at=at, credits=len(credited)))


def begun_as_told(ports: Ports, session: Session, at: datetime) -> Begun:
    """`begun_by` with what the telling at an instant answers: the session may not say so yet."""
    begun = begun_by(session)
    assert begun is not None, "an eMSP began it"
    row = ports.store.get(Key(keys.emsp_sessions(begun.peer_id), _name(at, session)))
    if row is None:
        return begun
    return replace(begun, start_by=int(row.body["start"]), stop_by=int(row.body["stop"]))


def sessions_told(ports: Ports, peer_id: PeerId, span: Span, to: str = "") -> list[str]:
    """The ids of those that began to charge and were last told of within a span, in that order.

    With `to` those of one CPO, by its `CC*PID`.
    """
    since, until = span
    last = dict[str, Item]()
    for row in _rows(ports, keys.emsp_sessions(peer_id), (since, None)):
        id_ = row.key.sk.rpartition("#")[2]
        last.pop(id_, None)  # so that each stands where it was told of last
        last[id_] = row
    end = _END if until is None else _bound(until)
    return [
        id_
        for id_, row in last.items()
        if row.key.sk < end and row.body["charged"] and to in {"", row.body["of"]}
    ]


def cdr_rows(ports: Ports, peer_id: PeerId, span: Span, to: str = "") -> list[str]:
    """What names the CDRs that were told within a span, in that order; see `told_cdrs`.

    With `to` those of one CPO, by its `CC*PID`.
    """
    rows = _rows(ports, keys.emsp_cdrs(peer_id), span)
    return [row.key.sk for row in rows if to in {"", row.body["of"]}]


def cdr_rows_of(ports: Ports, session: Session, at: datetime) -> list[str]:
    """As `cdr_rows`, of one session's telling at an instant."""
    begun = begun_by(session)
    assert begun is not None, "an eMSP began it"
    rows = ports.store.query(keys.emsp_cdrs(begun.peer_id), prefix=f"{_name(at, session)}#")
    return [row.key.sk for row in rows]


def told_cdrs(ports: Ports, rows: Sequence[str]) -> list[ToldCdr]:
    """What each bill, and each one that was taken back, costs the partner."""
    named = [row.split("#", 2) for row in rows]
    known = {one.id: one for one in sessions_by_id(ports, list({row[1]: "" for row in named}))}
    return [
        _told_cdr(ports, known[SessionId(id_)], cdr_id, _instant(at))
        for at, id_, cdr_id in named
        if id_ in known
    ]


def told_session(ports: Ports, session: Session, at: datetime | None = None) -> ToldSession:
    """The session in the eMSP's terms, told at an instant. Only for one that an eMSP began."""
    begun = begun_by(session)
    assert begun is not None, "an eMSP began it"
    token = emsp_token(ports, session.token_id) or erased(begun.emsp, session.requested_at)
    now = live(ports, session)
    told = (
        fold_partition(ports.store, charging_partition(session))
        if session.charger_session
        else None
    )
    return ToldSession(
        begun=begun,
        id=session.id,
        token=token,
        status=status_of(session),
        start=session.started_at or session.requested_at,
        end=session.ended_at,
        energy_kwh=now.energy_kwh if session.bill is None else session.bill.energy_kwh,
        currency=session.payment.hold.currency,
        location_id=session.location_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
        last_updated=max(at or session.requested_at, begun.updated_at or session.requested_at),
        paid=None if session.bill is None else _paid(ports, session, session.bill),
        periods=() if told is None else told.periods,
    )


def _told_cdr(ports: Ports, session: Session, cdr_id: str, at: datetime) -> ToldCdr:
    bill, original_id = _bill_of(session, cdr_id)
    told = told_session(ports, session, at)
    kept = _kept(ports, session, original_id)
    raw = raw_of(ports, kept.raw_name) or b"{}"
    country, _, party = told.begun.identity.partition("*")
    where = session.peer_id, country, party, session.location_id
    return ToldCdr(
        session=told,
        paid=_paid(ports, session, bill),
        cdr=kept.cdr,
        raw=raw.decode(),
        tariff=version(ports, session.tariff_hash),
        last_updated=at,
        location=location_of(ports, *where),
        location_raw=location_raw(ports, *where) or "",
        credit_id="" if original_id == cdr_id else cdr_id,
    )


def _kept(ports: Ports, session: Session, cdr_id: str) -> KeptCdr:
    """The session's CDR: any party of the connection may have told it."""
    connection = load(ports.store, keys.peer(session.peer_id), Connection, "connection").value
    parties = [identity.partition("*") for identity in connection.identities]
    wanted = [keys.cdr(session.peer_id, one[0], one[2], cdr_id) for one in parties]
    items = ports.store.get_many(wanted)
    kept = [from_plain(KeptCdr, item.body) for item in items.values()]
    return next(one for one in kept if one.session_id == session.id)


def _bill_of(session: Session, cdr_id: str) -> tuple[Bill, str]:
    """The bill of a CDR, or of the one that it takes back, and that one's id."""
    for sale in () if session.redress is None else session.redress.credited:
        if cdr_id in {sale.cdr_id, sale.credit_cdr_id}:
            return sale.bill, sale.cdr_id
    assert session.bill is not None, "a row was written for a bill"
    return session.bill, cdr_id


def _paid(ports: Ports, session: Session, bill: Bill) -> Paid:
    ended_at = session.ended_at or session.requested_at
    day = ended_at.astimezone(ZoneInfo(session.time_zone)).date()
    rate = terms_of(ports, session).drivers_rate(session.country, day)
    return Paid(bill.gross, Money.rounded(bill.gross.exact / (1 + rate), bill.gross.currency))


def sessions_by_id(ports: Ports, ids: Sequence[str]) -> Iterator[Session]:
    """In the order of the ids."""
    for start in range(0, len(ids), _TOGETHER):
        wanted = [keys.session(id_) for id_ in ids[start : start + _TOGETHER]]
        items = ports.store.get_many(wanted)
        yield from (from_plain(Session, items[key].body) for key in wanted if key in items)


def _rows(ports: Ports, pk: str, span: Span) -> Iterator[Item]:
    since, until = span
    after = "" if since is None else _bound(since)
    end = _END if until is None else _bound(until)
    while True:
        rows = ports.store.query(pk, after=after, limit=_PAGE)
        for row in rows:
            if row.key.sk >= end:
                return
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def _name(at: datetime, session: Session) -> str:
    return f"{_bound(at)}#{session.id}"


def _instant(bound: str) -> datetime:
    return datetime.fromisoformat(bound)


def _bound(at: datetime) -> str:
    """Sorts before every row of the instant, and after every earlier one."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
