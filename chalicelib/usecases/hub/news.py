"""Which eMSPs are told at once of what changed in a network, and when? Those that listen.

What a CPO pushes to us is pushed on; what we pull, eMSPs pull. A change is a row, one for each
place and tariff however often it changes, and one owner for each eMSP tells them one by one as they
are by then. Its silence therefore costs one attempt at a time, with growing pauses for three days;
rows live as long. What is not told by then it reads by `last_updated`, as OCPI means it to.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.errors import NotYet
from chalicelib.domain.event import delivery as deliveries
from chalicelib.domain.event.delivery import Delivery, DeliveryState
from chalicelib.domain.hub.offered import ID_MAX
from chalicelib.domain.hub.refusals import LocationAmbiguous, ReceiverUnknown
from chalicelib.domain.ids import PeerId, external_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.ports.store import ABSENT, Delete, Item, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import emsps
from chalicelib.usecases.hub.locations import offered_location
from chalicelib.usecases.hub.parties import parties
from chalicelib.usecases.hub.reach import ways
from chalicelib.usecases.hub.tariffs import raws, tariff_now
from chalicelib.usecases.network.recent import recent
from chalicelib.usecases.records import due_row, find
from chalicelib.usecases.session.save import again

_PLACES, _PRICES, _PARTIES = "locations", "tariffs", "hubclientinfo"
_ROW_KEPT = timedelta(days=3)
_AT_ONCE = 50
_BUDGET = timedelta(seconds=5)  # of wall time: sessions wait for the same function
_DONE, _NO_ANSWER = 204, 0


def place_changed(ports: Ports, identity: str, location_id: str, evse_uid: str = "") -> None:
    """A CPO (`CC*PID`) told of a location, or of one EVSE of it, that is not as it was before."""
    _note(ports, _PLACES, identity, location_id, evse_uid)


def tariff_changed(ports: Ports, identity: str, tariff_id: str) -> None:
    """A CPO published a version of a tariff, or withdrew it."""
    _note(ports, _PRICES, identity, tariff_id)


def party_changed(ports: Ports, identity: str) -> None:
    """A CPO came, went, or fell silent."""
    _note(ports, _PARTIES, identity, identity)


def parties_changed(ports: Ports, connection: Connection) -> None:
    """All for which a connection speaks, when it is a CPO's.

    What it follows from is done: were the table too busy, eMSPs read it.
    """
    if connection.emsp:
        return
    with suppress(NotYet, WriteConflict):
        for emsp in recent(ports, "emsps", lambda: emsps(ports)):
            if f"{_PARTIES}.RECEIVER" not in emsp.endpoints:
                continue
            known = {one.id for one in parties(ports, emsp.partner)}
            changed = [one for one in connection.identities if one in known]
            for identity in changed:
                _noted(ports, emsp, _PARTIES, identity, identity)
            if changed:
                _armed(ports, emsp)


def run_news(ports: Ports, pk: str) -> None:
    """Tell an eMSP what waits for it, if it is time."""
    record, now = find(ports.store, Key(pk), Delivery), ports.clock.now()
    peer_id = PeerId(pk.partition("#")[2])
    connection = find(ports.store, keys.peer(peer_id), Connection)
    if record is None or not record.value.effects:
        if connection is not None:
            _armed_again(ports, connection.value)  # whoever noted something may have died there
        return
    if record.value.effects[0].due > now:
        return
    if connection is None or connection.value.state is not ConnectionState.REGISTERED:
        after = deliveries.closed(record.value, DeliveryState.CANCELLED, "connection_closed")
        ports.store.write(record.put(after))
        return
    told, silent = _tell(ports, connection.value)
    before = _fresh(ports, connection.value) if told else record.value  # it does answer
    after = deliveries.answered(before, _NO_ANSWER if silent else _DONE, ports.clock.now())
    if after.next_at is not None:
        ports.store.write(due_row(after.next_at, pk))
    with suppress(WriteConflict):  # another runner was here: what it recorded stands
        ports.store.write(record.put(after))
    if not silent:
        _armed_again(ports, connection.value)


def _note(ports: Ports, module: str, identity: str, id_: str, evse_uid: str = "") -> None:
    for emsp in _listening(ports, module, identity):
        _noted(ports, emsp, module, identity, id_, evse_uid)
        _armed(ports, emsp)


def _noted(
    ports: Ports, emsp: Connection, module: str, identity: str, id_: str, evse_uid: str = ""
) -> None:
    name = f"{module}#{external_id('new', identity, id_.lower(), evse_uid.lower())}"
    expires = int((ports.clock.now() + _ROW_KEPT).timestamp())
    body = {"of": identity, "id": id_, "evse": evse_uid}
    row = Key(keys.emsp_news_rows(emsp.id), name)
    # The sweeper's row comes first: alone it is harmless, news without it might wait for the next.
    ports.store.write(due_row(ports.clock.now(), keys.emsp_news(emsp.id).pk))
    ports.store.write(Put(row, body, expects=None, expires_at=expires))


def _listening(ports: Ports, module: str, identity: str) -> list[Connection]:
    """The eMSPs that take pushes of a module and reach the CPO; as of a minute ago."""
    known = recent(ports, "emsps", lambda: emsps(ports))
    return [
        emsp
        for emsp in known
        if f"{module}.RECEIVER" in emsp.endpoints and _concerns(ports, emsp, module, identity)
    ]


def _concerns(ports: Ports, emsp: Connection, module: str, identity: str) -> bool:
    if module == _PARTIES:  # who is gone is reached no more, and is told of
        return bool(parties(ports, emsp.partner, identity))
    return any(way.identity == identity for way in ways(ports, emsp.partner))


def _armed(ports: Ports, emsp: Connection) -> None:
    """Let the eMSP be told soon, unless it is to be anyway; the sweeper's row is there.

    Asked after a row was written, and after the last one was told: one of the two sees the other.
    """
    again(lambda: _arm(ports, emsp))


def _armed_again(ports: Ports, emsp: Connection) -> None:
    """If something waits for it."""
    if next(_rows(ports, emsp.id, 1), None) is not None:
        ports.store.write(due_row(ports.clock.now(), keys.emsp_news(emsp.id).pk))
        _armed(ports, emsp)


def _arm(ports: Ports, emsp: Connection) -> None:
    key = keys.emsp_news(emsp.id)
    record = find(ports.store, key, Delivery)
    if record is not None and record.value.effects:
        return
    delivery, version = _fresh(ports, emsp), ABSENT if record is None else record.version
    ports.store.write(Put(key, to_plain(delivery), expects=version, pending=1))


def _fresh(ports: Ports, emsp: Connection) -> Delivery:
    return deliveries.first(emsp.partner, emsp.id, "news", ports.clock.now())


def _rows(ports: Ports, peer_id: PeerId, limit: int) -> Iterator[Item]:
    """What waits, parties first, and tariffs before the locations that name them."""
    pk = keys.emsp_news_rows(peer_id)
    for module in (_PARTIES, _PRICES, _PLACES):
        yield from ports.store.query(pk, prefix=f"{module}#", limit=limit)


def _tell(ports: Ports, emsp: Connection) -> tuple[int, bool]:
    """How many were told, and whether the eMSP fell silent."""
    told, until = 0, ports.clock.wall() + _BUDGET
    for row in _rows(ports, emsp.id, _AT_ONCE):
        module = row.key.sk.partition("#")[0]
        try:
            _TELL[module](ports, emsp, str(row.body["of"]), row)
        except CpoUnavailable:
            return told, True
        except CpoRefused:
            pass  # it takes none of this one: it would refuse it again
        told += 1
        with suppress(WriteConflict):  # it has changed again since: it is told again
            ports.store.write(Delete(row.key, expects=row.version))
        if ports.clock.wall() >= until:
            break
    return told, False


def _tell_party(ports: Ports, emsp: Connection, identity: str, _: Item) -> None:
    for info in parties(ports, emsp.partner, identity):
        ports.emsps.put_client_info(emsp, info)


def _tell_price(ports: Ports, emsp: Connection, identity: str, row: Item) -> None:
    id_ = str(row.body["id"])
    try:
        told = tariff_now(ports, emsp.partner, identity, id_)
    except ReceiverUnknown:
        return
    if told is None:
        ports.emsps.delete_tariff(emsp, identity, id_)
    else:
        ports.emsps.put_tariff(emsp, told, raws(ports, [told])[0])


def _tell_place(ports: Ports, emsp: Connection, identity: str, row: Item) -> None:
    """The EVSE that changed; to an eMSP that does not know its location, all of that."""
    evse_uid = str(row.body["evse"])
    try:
        offered = offered_location(ports, emsp.partner, identity, str(row.body["id"]))
    except (LocationUnknown, LocationAmbiguous, ReceiverUnknown):
        return
    if not offered.shown or len(offered.location.id) > ID_MAX:
        return
    if not any(one.uid.lower() == evse_uid.lower() for one in offered.location.evses):
        evse_uid = ""
    try:
        ports.emsps.put_location(emsp, offered, evse_uid)
    except CpoRefused:
        if not evse_uid:
            raise
        ports.emsps.put_location(emsp, offered, "")


_TELL: Mapping[str, Callable[[Ports, Connection, str, Item], None]] = {
    _PARTIES: _tell_party,
    _PRICES: _tell_price,
    _PLACES: _tell_place,
}
