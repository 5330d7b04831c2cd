"""What is an eMSP told of its sessions, now and when it reads? Found under the instants of telling.

A session that an eMSP started says so in its `detail`; for all others this costs nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.effect import Effect
from chalicelib.domain.hub.session import Begun, Paid, ToldCdr, ToldSession, status_of
from chalicelib.domain.hub.token import erased
from chalicelib.domain.ids import PeerId
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.kept import KeptCdr
from chalicelib.usecases.cdr.provisional import charging_partition
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.hub.locations import within
from chalicelib.usecases.hub.tokens import emsp_token
from chalicelib.usecases.network.read import location_of, location_raw
from chalicelib.usecases.records import find
from chalicelib.usecases.session.live import live
from chalicelib.usecases.session.terms import terms_of
from chalicelib.usecases.tariff.read import version

RECEIPT = "session.receipt"
_PAGE, _TOGETHER = 1000, 100
Span = tuple[datetime | None, datetime | None]


def begun_by(session: Session) -> Begun | None:
    """How an eMSP began it; None for a session of the partner's API."""
    told = session.detail.get("emsp")
    return None if told is None else from_plain(Begun, told)


def with_begun(session: Session, begun: Begun) -> Session:
    return replace(session, detail={**session.detail, "emsp": to_plain(begun)})


def listed_for_emsp(ports: Ports, session: Session, effect: Effect) -> Session:
    """The session as of this telling, with the rows by which the eMSP finds it."""
    begun = begun_by(session)
    if begun is None:
        return session
    at = effect.made_at
    name = f"{_bound(at)}#{session.id}"
    ports.store.write(Put(Key(keys.emsp_sessions(begun.peer_id), name), {}, expects=None))
    if effect.detail["type"] == RECEIPT:
        row = {"cdr_id": session.cdr_id}
        ports.store.write(Put(Key(keys.emsp_cdrs(begun.peer_id), name), row, expects=None))
        begun = replace(begun, billed_at=at)
    return with_begun(session, replace(begun, updated_at=at))


def sessions_told(ports: Ports, peer_id: PeerId, span: Span) -> list[Session]:
    """Those last told of within a span, in that order; each as it is now."""
    ids = [row.rpartition("#")[2] for row in _rows(ports, keys.emsp_sessions(peer_id), span)]
    found = _sessions(ports, list(dict.fromkeys(reversed(ids)))[::-1])
    begun = [one for one in found if one.started_at is not None]
    return [one for one in begun if within(_updated(one), *span)]


def cdrs_told(ports: Ports, peer_id: PeerId, span: Span) -> list[Session]:
    """The billed sessions whose bill was told within a span, in that order."""
    ids = [row.rpartition("#")[2] for row in _rows(ports, keys.emsp_cdrs(peer_id), span)]
    found = _sessions(ports, list(dict.fromkeys(reversed(ids)))[::-1])
    return [one for one in found if one.bill is not None and one.state is SessionState.BILLED]


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
        paid=None if session.bill is None else _paid(ports, session),
        periods=() if told is None else told.periods,
    )


def told_cdr(ports: Ports, session: Session, at: datetime | None = None) -> ToldCdr:
    """What a billed session costs the partner: the lower of the published price and the claim."""
    told = told_session(ports, session, at)
    assert told.paid is not None, "it is billed"
    owner = told.begun.identity.partition("*")
    country, party = owner[0], owner[2]
    kept = find(ports.store, keys.cdr(session.peer_id, country, party, session.cdr_id), KeptCdr)
    assert kept is not None, "a bill follows from its CDR"
    raw = ports.files.read(kept.value.raw_name) or b"{}"
    where = session.peer_id, country, party, session.location_id
    return ToldCdr(
        session=told,
        paid=told.paid,
        cdr=kept.value.cdr,
        raw=raw.decode(),
        tariff=version(ports, session.tariff_hash),
        last_updated=told.begun.billed_at or told.last_updated,
        location=location_of(ports, *where),
        location_raw=location_raw(ports, *where) or "",
    )


def _paid(ports: Ports, session: Session) -> Paid:
    bill, ended_at = session.bill, session.ended_at or session.requested_at
    assert bill is not None, "asked of a billed session"
    day = ended_at.astimezone(ZoneInfo(session.time_zone)).date()
    rate = terms_of(ports, session).drivers_rate(session.country, day)
    net = Decimal(bill.gross.exact) / (1 + rate)
    return Paid(bill.gross, Money.rounded(net, bill.gross.currency))


def _updated(session: Session) -> datetime:
    begun = begun_by(session)
    assert begun is not None, "it stands in an eMSP's list"
    return begun.updated_at or session.requested_at


def _sessions(ports: Ports, ids: list[str]) -> Iterator[Session]:
    for start in range(0, len(ids), _TOGETHER):
        wanted = [keys.session(id_) for id_ in ids[start : start + _TOGETHER]]
        items = ports.store.get_many(wanted)
        yield from (from_plain(Session, items[key].body) for key in wanted if key in items)


def _rows(ports: Ports, pk: str, span: Span) -> Iterator[str]:
    since, until = span
    after = "" if since is None else _bound(since)
    end = "~" if until is None else _bound(until)
    while True:
        rows = ports.store.query(pk, after=after, limit=_PAGE)
        for row in rows:
            if row.key.sk >= end:
                return
            yield row.key.sk
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def _bound(at: datetime) -> str:
    """Sorts before every row of the instant, and after every earlier one."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
