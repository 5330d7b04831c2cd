"""What happens to a charger's report? It becomes one item, and readers fold.

A report's key is its `last_updated` and the hash of what it says: the same report again is the same
item. The table's stream hands each new item to `usecases.session.follow`, but not one that only
tells that charging goes on, far from the hold (`usecases.session.room`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import (
    SessionIsFinal,
    UpdateOfUnknown,
    UpdateOutdated,
)
from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.report import FINAL, UNDATED, Change, Method, Report
from chalicelib.domain.session.room import Room
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import Item, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.connection.authenticate import speaks_for

RAW_CHARACTERS_MAX = 3000  # longer messages are sealed as files, so that the item stays small
_SAID_BYTES_MAX = 200_000  # of what is kept in the item: some two thousand charging periods
_HASH_DIGITS = 32
_NOTHING = Decimal(0)


class ReportTooLarge(Rejected):
    code = "report_too_large"
    field = "charging_periods"
    how_to_fix = "Send fewer charging periods: one for each change of price is enough."

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes of one session are more than {_SAID_BYTES_MAX}")
        self.size = size


@dataclass(frozen=True, slots=True)
class SessionName:
    """Which session of which party a message is about, as its URL says."""

    country_code: str
    party_id: str
    id: str


def accept_whole(
    ports: Ports, connection: Connection, session: ReportedSession, raw: str, *mended: str
) -> bool:
    """A PUT: the session from now on is what it says. True when it was news.

    Raises IdentityNotBound, UpdateOutdated, SessionIsFinal, ReportTooLarge.
    """
    return _accept_whole(ports, connection, _Told(Method.PUT, session, raw, mended))


def accept_patch(
    ports: Ports, connection: Connection, name: SessionName, change: Change, raw: str, *mended: str
) -> bool:
    """A PATCH: one put. True when it was news.

    Raises IdentityNotBound, UpdateOfUnknown (the sender then PUTs), UpdateOutdated, SessionIsFinal.
    """
    pk = _partition(connection, name)
    newest = _newest(ports, pk)
    if newest is None:
        raise UpdateOfUnknown("charger session", name.id, "session_id")
    if change.last_updated == UNDATED:
        at = datetime.fromisoformat(newest.key.sk.partition("#")[0])
        change = replace(change, last_updated=at)
    return _accept(ports, pk, name, newest, _Told(Method.PATCH, change, raw, mended))


def accept_pulled(ports: Ports, connection: Connection, received: Received) -> bool:
    """A session as pulled needs no answer: what we know already, or better, changes nothing."""
    session = received.value
    assert isinstance(session, ReportedSession), "sessions are pulled from the sessions module"
    name = SessionName(session.country_code, session.party_id, session.id)
    known = fold_partition(ports.store, _partition(connection, name))
    session = _referring(session, known)
    if known == session:
        return False  # every push arrived
    try:
        told = _Told(Method.GET, session, received.raw, received.mended)
        return _accept_whole(ports, connection, told)
    except (UpdateOutdated, SessionIsFinal):
        return False


def _partition(connection: Connection, name: SessionName) -> str:
    speaks_for(connection, name.country_code, name.party_id)
    return keys.charging(connection.id, name.country_code.upper(), name.party_id.upper(), name.id)


def _newest(ports: Ports, pk: str) -> Item | None:
    newest = ports.store.query(pk, limit=1, descending=True)
    return newest[0] if newest else None


@dataclass(frozen=True, slots=True)
class _Told:
    """One message: what it says, and how it was said."""

    method: Method
    says: ReportedSession | Change
    raw: str
    mended: tuple[str, ...]


def _accept_whole(ports: Ports, connection: Connection, told: _Told) -> bool:
    session = told.says
    assert isinstance(session, ReportedSession), "a PATCH tells of changes"
    name = SessionName(session.country_code, session.party_id, session.id)
    pk = _partition(connection, name)
    newest = _newest(ports, pk)
    if newest is not None and not session.authorization_reference:
        told = replace(told, says=_referring(session, fold_partition(ports.store, pk)))
    return _accept(ports, pk, name, newest, told)


def _referring(session: ReportedSession, known: ReportedSession | None) -> ReportedSession:
    """Not every CPO echoes our reference: that it is ours was found by its token (look.py)."""
    if known is None or session.authorization_reference:
        return session
    return replace(session, authorization_reference=known.authorization_reference)


def _accept(ports: Ports, pk: str, name: SessionName, newest: Item | None, told: _Told) -> bool:
    says = to_plain(told.says)  # once: this is the hottest path of all, and hashes what it keeps
    content = canonical_bytes({"method": told.method.value, "says": says})
    if len(content) > _SAID_BYTES_MAX:
        raise ReportTooLarge(len(content))
    at, stated = told.says.last_updated, told.says.status
    key = Key(pk, f"{_sortable(at)}#{sha256(content).hexdigest()[:_HASH_DIGITS]}")
    status = stated
    if newest is not None:
        known_at = datetime.fromisoformat(newest.key.sk.partition("#")[0])
        known = ChargerStatus(newest.body["status"])
        status = stated or known
        if key != newest.key and at < known_at:
            if ports.store.get(key) is not None:
                return False  # a repeat of what has been passed already
            raise UpdateOutdated("session", name.id, instant_text(known_at))
        if key != newest.key and known in FINAL and status not in FINAL:
            raise SessionIsFinal(name.id, known.value)
    assert status is not None, "a PUT states it, and a PATCH follows one"
    room = _room(ports, pk, newest, told.says)
    matters = room is None or not _goes_on(newest, told.says, status)
    try:
        kept = _kept(ports, told, status, says, room)
        ports.store.write(Put(key, kept, pending=int(matters)))
    except WriteConflict:
        return False  # the same message again: its key is its content
    return True


def _room(
    ports: Ports, pk: str, newest: Item | None, says: ReportedSession | Change
) -> Room | None:
    """What is left of the room after what was told; nothing is read for a PATCH.

    A CPO that tells the whole again, while it charges, does so each time: every PUT is looked at,
    and no room is sought for what comes after it.
    """
    known = None if newest is None else newest.body["status"]
    if isinstance(says, ReportedSession):
        if known == ChargerStatus.ACTIVE.value:
            return None
        # It prices a tariff, and half of the domain comes with that: a PATCH needs none of it.
        from chalicelib.usecases.session.room import room_of  # noqa: PLC0415 - see above

        return room_of(ports, pk.split("#")[1], says)
    left = None if newest is None else newest.body.get("room")
    if left is None or any(_others(says)):  # it was found for what was told until now
        return None
    return Room.of(str(left)).after(says.last_updated, says.kwh or _NOTHING, says.periods)


def _goes_on(newest: Item | None, says: ReportedSession | Change, status: ChargerStatus) -> bool:
    """Whether it only tells more of a charge that went on already.

    One of the same instant may have come before it or after it: it is looked at.
    """
    if newest is None or isinstance(says, ReportedSession) or status is not ChargerStatus.ACTIVE:
        return False
    known_at = datetime.fromisoformat(newest.key.sk.partition("#")[0])
    later = says.last_updated > known_at
    return later and newest.body["status"] == status.value and not any(_others(says))


def _others(says: Change) -> tuple[object, ...]:
    """What a report may tell beside energy, periods and cost: where and when the charge is."""
    return says.start, says.end, says.currency, says.authorization_reference


def _kept(
    ports: Ports,
    told: _Told,
    status: ChargerStatus,
    says: Mapping[str, Any],
    room: Room | None,
) -> dict[str, Any]:
    """The plain form of the Report, of which the longest part is there already."""
    raw, raw_name = told.raw, ""
    if len(raw) > RAW_CHARACTERS_MAX:
        content = raw.encode()
        raw, raw_name = "", f"session/{sha256(content).hexdigest()}.json"
        ports.files.seal(raw_name, content, "application/json")
    report = Report(
        told.method,
        ports.clock.now(),
        status,
        raw=raw,
        raw_name=raw_name,
        mended=told.mended,
        room=None if room is None else str(room),
    )
    part = "change" if told.method is Method.PATCH else "whole"
    return {**to_plain(report), part: says}


def _sortable(last_updated: datetime) -> str:
    """Of fixed width, since "…00.5Z" would sort before "…00Z"."""
    at = last_updated.astimezone(UTC)
    if not 1000 <= at.year <= 9999:  # noqa: PLR2004 - four digits
        raise Invalid("last_updated", f"the year {at.year} has not four digits")
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
