"""Does each eMSP know what its drivers' charges cost, what became of its commands, and the network?

Judged by what it was sent itself, be it several times or in any order.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from chalicelib.domain.codec import from_plain
from chalicelib.domain.hub.card import Whitelist
from chalicelib.domain.hub.session import CommandResult, ResultType, ToldSession, status_of
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.redress import bills_of, redress_of
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.authorization import Allowed
from chalicelib.usecases import keys
from chalicelib.usecases.hub.locations import page
from chalicelib.usecases.hub.told import begun_by, cdr_rows, told_cdrs
from chalicelib.usecases.session.watch import STUCK
from sandbox.simulation.judging.found import Found, Lines
from sandbox.simulation.roaming.emsp import SimulatedEmsp
from sandbox.simulation.roaming.history import RoamingHistory
from sandbox.simulation.running import End

# A charger that starts after it was given up is the eMSP's to see by its Session.
_YES = {"ACCEPTED", "TIMEOUT"}
_NOES = {one.value for one in ResultType} - {"ACCEPTED"}
Costs = dict[tuple[str, str], int]  # by our session and the CDR's id, in cents


def emsps_hear_what_is_billed(found: Found) -> Lines:
    """Every bill and every one that was taken back, with our figures, and nothing else."""
    for emsp in emsps_of(found):
        own = _own(found, emsp)
        billed = dict(pair for session in own for pair in _billed(session))
        heard: Costs = {}
        for cdr in emsp.cdrs:
            taken_back = bool(cdr.credit_id)
            name = str(cdr.session.id), cdr.credit_id or cdr.cdr.id
            cents = -cdr.paid.gross.minor if taken_back else cdr.paid.gross.minor
            if heard.setdefault(name, cents) != cents:
                yield f"{name} cost {heard[name]} and then {cents}"
        for name in sorted({*billed, *heard}):
            if billed.get(name) != heard.get(name):
                yield f"{name} costs {billed.get(name)}, its eMSP heard {heard.get(name)}"
        yield from _listed(found, emsp, billed)
        yield from (line for session in own for line in _as_told(session, emsp))
        yield from _answered(own, emsp.results)


def _billed(session: Session) -> Iterator[tuple[tuple[str, str], int]]:
    for bill in bills_of(session):
        assert bill.bill is not None, "one of its bills"
        yield (str(session.id), bill.cdr_id), bill.bill.gross.minor
    for sale in redress_of(session).credited:
        yield (str(session.id), sale.credit_cdr_id), -sale.bill.gross.minor


def _listed(found: Found, emsp: SimulatedEmsp, billed: Costs) -> Lines:
    """Whoever lost all pushes reads the same."""
    ports, peer_id = found.history.ports, emsp.connection.id
    listed = told_cdrs(ports, cdr_rows(ports, peer_id, (None, None)))
    names = {(str(cdr.session.id), cdr.credit_id or cdr.cdr.id) for cdr in listed}
    if names != set(billed):
        yield f"{peer_id} may list {sorted(names)}, and {sorted(billed)} are billed"


def _as_told(session: Session, emsp: SimulatedEmsp) -> Lines:
    """The last Session that it has, and the one answer to each of its commands."""
    told = [one for one in emsp.sessions if one.id == session.id]
    if session.reason == STUCK:
        return
    if session.started_at is not None and not told:
        yield f"its eMSP never heard of {session.id}"
    if told:
        newest = max(enumerate(told), key=_last_updated)[1]
        ours = None if session.bill is None else session.bill.gross
        theirs = None if newest.paid is None else newest.paid.gross
        if (newest.status, theirs) != (status_of(session), ours):
            yield f"{session.id}: its eMSP has {newest.status} {theirs}, we have {ours}"


def _last_updated(numbered: tuple[int, ToldSession]) -> tuple[datetime, int]:
    """Of two of one instant the later one: each push tells the present."""
    return numbered[1].last_updated, numbered[0]


def _answered(own: list[Session], results: list[CommandResult]) -> Lines:
    """One answer to each START_SESSION; the same one, sent again after a no, begins another."""
    asked: dict[str, list[Session]] = {}
    for session in own:
        begun = begun_by(session)
        assert begun is not None, "it is an eMSP's"
        if begun.response_url and session.reason != STUCK:
            asked.setdefault(begun.response_url, []).append(session)
    for url, sessions in asked.items():
        words = {one.result.value for one in results if one.url == url}
        right = {word for one in sessions for word in (_YES if one.started_at else _NOES)}
        if not 0 < len(words) <= len(sessions) or not words <= right:
            ids = [str(one.id) for one in sessions]
            yield f"the START_SESSION of {ids} was answered {sorted(words)}"


def nobody_roams_twice(found: Found) -> Lines:
    """Each driver charges once at most, and what was promised is there."""
    if not isinstance(found.history, RoamingHistory):
        return
    visits = [visit for cpo in found.history.cpos.values() for visit in cpo.visits.values()]
    roaming = sorted(visit.trip.number for visit in visits if visit.trip.roams)
    for number, group in groupby(roaming):
        if (times := len(list(group))) > 1:
            yield f"the driver of trip {number} charges {times} times"
    for number, answers in found.history.started.items():
        for ran in answers:
            promised = "" if ran.end is not End.DONE else _promised(ran.value)
            if promised and promised not in found.sessions:
                yield f"trip {number} was promised {promised}, which is not there"


def nobody_charges_against_a_no(found: Found) -> Lines:
    """Neither an eMSP's word nor, where it must be asked, its silence; nor a blocked card's."""
    if not isinstance(found.history, RoamingHistory):
        return
    for number in found.history.let_though_blocked:
        yield f"the card of trip {number} was blocked, and may charge"
    for id_ in found.sessions:
        roams = found.history.trips[id_].roams
        if roams is None or not roams.by_card or roams.whitelist is not Whitelist.NEVER:
            continue
        if roams.says != Allowed.ALLOWED.value:
            yield f"{id_} began with a card of which its eMSP says {roams.says or 'nothing'}"


def _promised(answer: object) -> str:
    """The session that a command's or a card's answer stands for; a card that is refused: none."""
    return str(getattr(answer, "id", "") or getattr(answer, "reference", ""))


def emsps_know_the_network(found: Found) -> Lines:
    """Nothing waits for an eMSP, and each place is as it was told of it or reads it.

    A push may be missed: whoever died between a change and its row is not heard again (ADR 0014).
    """
    table = found.history.table
    for emsp in emsps_of(found):
        for row in table.query(keys.emsp_news_rows(emsp.connection.id)):
            yield f"{emsp.connection.id} was not told of {row.key.sk} of {row.body['of']}"
        known = {one.location.peer_id: one.location for one in emsp.offered}
        since = max((one.last_updated for one in known.values()), default=None)
        ports, partner = found.history.ports, emsp.connection.partner
        read, _ = page(ports, partner, "", (since, None), (0, 100))
        known |= {one.location.peer_id: one.location for one in read}
        for place in found.history.market.places:
            item = table.get(keys.location(place.peer, *place.party, place.location.id))
            assert item is not None, "the market has told of it"
            if place.peer in known and known[place.peer] != from_plain(Location, item.body):
                yield f"{emsp.connection.id} has an old {place.location.id} of {place.peer}"


def emsps_of(found: Found) -> list[SimulatedEmsp]:
    history = found.history
    return list(history.emsps.values()) if isinstance(history, RoamingHistory) else []


def _own(found: Found, emsp: SimulatedEmsp) -> list[Session]:
    begun = ((session, begun_by(session)) for session in found.sessions.values())
    return [one for one, by in begun if by is not None and by.peer_id == emsp.connection.id]
