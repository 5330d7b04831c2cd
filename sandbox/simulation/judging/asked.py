"""Did CPOs hear what was asked of their chargers, once, and does everyone know what they said?

Reservations, freed cables and drivers' wishes; judged by the CPOs' own lists of commands.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.event.event import Event
from chalicelib.domain.session.reservation import OPEN_MAX, OVER, Reservation, ReservationState
from chalicelib.domain.session.session import Session
from chalicelib.ports.cpo import ReserveCommand
from sandbox.simulation.acts_of_help_desks import Asking
from sandbox.simulation.asked import Said
from sandbox.simulation.charger import SimulatedCpo
from sandbox.simulation.faults import Fault
from sandbox.simulation.judging.emsps import emsps_of
from sandbox.simulation.judging.found import Found, Lines

_RESERVES = frozenset({"reserve", "emsp_reserve"})
_GIVES_BACK = frozenset({"give_back", "emsp_give_back"})
_WISHES = frozenset({"prefer", "emsp_prefer"})
_NOTICED = timedelta(minutes=15)  # that a command came late: five, and the next sweep
# What is under way when the driver walks off: a call that is overtaken moves the clock a little.
_STANDS_THERE = timedelta(minutes=4)
_IN_TIME = timedelta(minutes=1)  # half of what an answer has
_SOON = timedelta(hours=2)  # of a wish, with a CPO away and schedules late
_S = ReservationState


def reservations_are_as_asked(found: Found) -> Lines:
    """One id for each that was wanted, with what was wanted; nobody pays for one."""
    wanted = [one for one in found.history.acts.wanted if one.what in _RESERVES]
    if not wanted:
        return
    known = _reservations(found)
    for one in wanted:
        if one.done and one.about not in known:
            yield f"{one.about} was promised and is not there"
    for cpo in found.history.cpos.values():
        for _, command in cpo.reserves:
            contents = {(w.content[0], w.content[1]) for w in wanted if w.about == _id(command)}
            if (command.evse_uid, command.until) not in contents:
                yield f"a CPO was asked for {_id(command)}, which nobody wanted"
    for id_, reservation in known.items():
        if reservation.effects:
            yield f"{id_} is left {reservation.state.value}, {len(reservation.effects)} effects"
        if id_ in found.holds or any(id_ in entry.owner for entry in found.entries):
            yield f"{id_} costs money"
        yield from _sequence(found, id_, reservation.told)
    yield from _not_too_many(wanted, known)


def reservations_stand_as_their_cpos_say(found: Found) -> Lines:
    """What is held is held there, what was given back or refused is free."""
    if not found.history.acts.wanted:
        return
    for id_, reservation in _reservations(found).items():
        cpo = found.history.cpos[reservation.peer_id]
        said = [one for one in cpo.said if one.about == id_ and one.command == "RESERVE_NOW"]
        yes = any(one.result == "ACCEPTED" for one in said)
        there, state = _is_kept(found, cpo, id_), reservation.state
        if state is _S.HELD and not yes:
            yield f"{id_} is held, and its CPO never said so"
        if state is _S.ASKED and _heard(said, reservation):
            yield f"{id_} waits for an answer that was given"
        refused = state is _S.REFUSED and reservation.reason != "too_late"
        if there and (refused or state is _S.CANCELLED):
            yield f"{id_} is {state.value}, and its charger is kept from others"
        if state is _S.CANCELLED and not reservation.reason and not _given_back(found, id_):
            yield f"{id_} is given back, and nobody wanted that"
        taken_back = any(one.result == "CANCELED_RESERVATION" for one in said)
        if reservation.reason == "cancelled_by_cpo" and not taken_back:
            yield f"{id_} was taken back, and its CPO knows nothing of it"
        yield from _answered(found, reservation, said)


def _is_kept(found: Found, cpo: SimulatedCpo, id_: str) -> bool:
    """Whether its charger was kept free to the end, and for longer than it takes us to notice.

    Of two processes that send one command at once, one is answered: that the other's is still under
    way nobody knows.
    """
    known = cpo.reserved.get(id_)
    if known is None or id_ in cpo.kept:
        return False
    came = [(at, command) for at, command in cpo.reserves if command.reservation_id == id_]
    twice = Counter(command.response_url for _, command in came)[known.response_url] > 1
    if twice and any(fault is Fault.OVERTAKEN for _, fault in found.history.faults.struck):
        return False
    heard = [one.heard for one in cpo.said if one.about == id_ and one.heard is not None]
    return known.until - max([at for at, _ in came] + heard) > _NOTICED


def _answered(found: Found, reservation: Reservation, said: list[Said]) -> Lines:
    """An eMSP has the charger's word on each command that was not overtaken."""
    command = reservation.command
    if command is None or reservation.reason == "too_late":
        return
    results = [one for emsp in emsps_of(found) for one in emsp.results]
    for one in found.history.acts.wanted:
        if one.what == "emsp_reserve" and one.about == reservation.id:
            words = {each.result.value for each in results if each.url == one.content[2]}
            if "ACCEPTED" in words and all(each.result != "ACCEPTED" for each in said):
                yield f"{one.content[2]} was accepted, and its charger never said so"
    own = [each for each in said if each.nonce == reservation.nonce]
    heard = {each.result for each in own if all(one.heard for one in own)}
    words = {each.result.value for each in results if each.url == command.response_url}
    same = bool(words) and ("ACCEPTED" in heard) is ("ACCEPTED" in words)
    if len(heard) == 1 and not command.cancel_url and not same:
        yield f"{command.response_url} was answered {sorted(words)}, its CPO said {heard}"
    cancelled = [each for each in results if command.cancel_url and each.url == command.cancel_url]
    if reservation.state is _S.CANCELLED and command.cancel_url and not cancelled:
        yield f"{command.cancel_url} was not answered"


def _heard(said: list[Said], reservation: Reservation) -> bool:
    return any(
        one.heard is not None and one.nonce == reservation.nonce and one.result != "TIMEOUT"
        for one in said
    )


def _given_back(found: Found, id_: str) -> bool:
    return any(
        one.about == id_ and one.what in _GIVES_BACK and one.times
        for one in found.history.acts.wanted
    )


def _not_too_many(wanted: list[Asking], known: dict[str, Reservation]) -> Lines:
    """What is open to the end was open when another was asked for."""
    taken = [one for one in wanted if one.done and one.about in known]
    for number, one in enumerate(taken):
        token, at = known[one.about].token_uid, one.times[-1]
        before = {each.about for each in taken[:number]} - {one.about}
        open_ = [known[id_] for id_ in before if known[id_].state not in OVER]
        beside = [each for each in open_ if each.token_uid == token and each.until > at]
        if len(beside) >= OPEN_MAX:
            yield f"{one.about} is one more than {len(beside)} of {token}"


def cables_are_freed_once(found: Found) -> Lines:
    """At most once for each that was wanted, while the driver stands there; and it is told."""
    wanted = [one for one in found.history.acts.wanted if one.what == "unlock"]
    if not wanted:
        return
    for cpo in found.history.cpos.values():
        urls = Counter(command.response_url for _, command, _ in cpo.unlocks)
        yield from (f"{url} was sent {n} times" for url, n in urls.items() if n > 1)
        for at, command, _ in cpo.unlocks:
            times = [time for w in wanted if w.about in command.response_url for time in w.times]
            if not any(timedelta(0) <= at - time <= _STANDS_THERE for time in times):
                yield f"a cable was freed at {at}, asked for at {times}"
    for id_, session in found.sessions.items():
        own = [one for one in wanted if one.about == id_]
        if own:
            yield from _freed(found, session, own)


def _freed(found: Found, session: Session, own: list[Asking]) -> Lines:
    cpo = found.history.cpos[session.peer_id]
    sent = [one for one in cpo.unlocks if f"/{session.id}/" in one[1].response_url]
    told = [
        str(event.data["answer"])
        for event in _events(found, session.id)
        if event.type == "session.unlock_answered"
    ]
    if len(sent) > len(own):
        yield f"the cable of {session.id} was freed {len(sent)} times, wanted {len(own)} times"
    if len(told) > len(own) or (any(one.done for one in own) and not told):
        yield f"{len(own)} wanted the cable of {session.id} freed, and {told} was told"
    said = [one for one in cpo.said if one.about == session.id]
    words = {"TIMEOUT", *(one.result for one in said), *(answer for _, _, answer in sent)}
    if not set(told) <= words or (
        "ACCEPTED" in told and all(one.result != "ACCEPTED" for one in said)
    ):
        yield f"{told} was told of {session.id}, its charger says {sorted(words)}"
    for at, command, _ in sent if len(sent) == len(told) == 1 else ():
        for one in said:
            in_time = one.heard is not None and one.heard - at < _IN_TIME
            if command.response_url.endswith(one.nonce) and in_time and told != [one.result]:
                yield f"{told} was told of {session.id}, its charger said {one.result}"


def wishes_reach_their_charger(found: Found) -> Lines:
    """The last one counts; where it came at all no older one comes after it."""
    if not found.history.acts.wanted:
        return
    for id_, session in found.sessions.items():
        wishes = [
            one
            for one in found.history.acts.wanted
            if one.what in _WISHES and one.about == id_ and one.times
        ]
        own = sorted(wishes, key=lambda one: one.times[-1])
        if not own or not own[-1].done:
            continue
        cpo = found.history.cpos[session.peer_id]
        name = f"cs-{session.id[-8:]}"
        came = [(at, wish) for at, of, wish in cpo.wishes if of == name]
        last, asked_at = own[-1].content, own[-1].times[-1]
        if any(wish not in [one.content for one in own] for _, wish in came):
            yield f"{id_}: its charger was told what nobody wished"
        if last in [wish for _, wish in came[:-1]] and came[-1][1] != last:
            yield f"{id_}: an older wish came after {last.profile.value}"
        over = session.ended_at is not None and session.ended_at < asked_at + _SOON
        if all(wish != last for _, wish in came) and not over:
            yield f"{id_}: its charger never heard of {last.profile.value}"


def _reservations(found: Found) -> dict[str, Reservation]:
    table = found.history.table
    items = [item for pk in table.partitions("reservation#") for item in table.query(pk)]
    return {str(item.body["id"]): from_plain(Reservation, item.body) for item in items}


def _id(command: ReserveCommand) -> str:
    return command.reservation_id


def _sequence(found: Found, id_: str, told: int) -> Lines:
    sequences = sorted(event.sequence for event in _events(found, id_))
    if sequences != list(range(1, told + 1)):
        yield f"{id_}: its partner was told {sequences} of {told}"


def _events(found: Found, id_: str) -> Iterator[Event]:
    table = found.history.table
    for pk in table.partitions("events#"):
        for item in table.query(pk, limit=1000):
            if item.body["object_id"] == id_:
                yield from_plain(Event, item.body)
