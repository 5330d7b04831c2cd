"""What do partners and eMSPs ask of a charger beside a charge? To keep it, free a cable, hurry.

Whatever is asked is noted in `Acts.wanted`, as its caller knows it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.preferences import Preferences, Profile
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.access.once import once
from chalicelib.usecases.reservation.ask import Wanted, ask_reservation, cancel_reservation
from chalicelib.usecases.session.prefer import prefer as tell_wish
from chalicelib.usecases.session.unlock import unlock as free_cable
from sandbox.memory.world import PARTNERS
from sandbox.simulation.asked import Manner
from sandbox.simulation.market import token_of
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

_MANNERS = {
    "": Manner(),
    "rejected": Manner(answer="REJECTED"),
    "occupied": Manner(result="OCCUPIED"),
    "failed": Manner(result="FAILED"),
    "mute": Manner(result=""),
    "slow": Manner(after_s=20 * 60),
    "keeps": Manner(cancels="REJECTED"),
    "takes-back": Manner(takes_back_min=15),
    "late": Manner(arrives_s=100),
    "impossible": Manner(answer="NOT_POSSIBLE"),
}
_ACCEPTED = 202
_E1 = "E1"


@dataclass
class Asking:
    """What somebody wanted, whom or what it is about, and each time that it was asked for."""

    what: str
    about: str
    content: Any = None
    times: list[datetime] = field(default_factory=list)
    ran: Ran | None = None

    @property
    def done(self) -> bool:
        return self.ran is not None and self.ran.end is End.DONE


def manner_of(word: str) -> Manner:
    return _MANNERS[word]


def want(acts: "Acts", asking: Asking, call: Callable[[Any], Any]) -> None:
    """Somebody asks, and asks again until there is an answer."""
    acts.wanted.append(asking)

    def asked(ports: Any) -> Any:  # noqa: ANN401 - the guarded bundle
        asking.times.append(ports.clock.now())
        return call(ports)

    acts.ask(asking.what, asked, partial(setattr, asking, "ran"))


def reserve(acts: "Acts", act: Act) -> None:
    """A partner's driver is on the way, for so many minutes. `word`: what the CPO makes of it."""
    history = acts.history
    asked = history.asked[act.trip - 1]
    method, place = asked.trip.method, asked.place
    key, until = f"reserve-{act.after}", history.clock.at + timedelta(minutes=act.minor or 60)
    id_, token = external_id("res", PARTNERS[method], key), token_of(method, asked.trip.card)
    history.cpos[place.peer].manners[id_] = manner_of(act.word)
    wanted = Wanted(public_id(place.location), _E1, token, until)
    ask = partial(ask_reservation, partner_id=PARTNERS[method], wanted=wanted, key=key)
    want(acts, Asking("reserve", id_, (_E1, until, token)), ask)


def give_back(acts: "Acts", act: Act) -> None:
    """What a partner's driver reserved last is not needed any more."""
    partner = PARTNERS[acts.history.asked[act.trip - 1].trip.method]
    reserved = [one.about for one in acts.wanted if one.what == "reserve"]
    for id_ in reserved[-1:]:
        call = partial(cancel_reservation, partner_id=partner, id_=id_)
        want(acts, Asking("give_back", id_), call)


def unlock(acts: "Acts", act: Act) -> None:
    """The cable stays locked, and the partner's help desk has it freed, as its handler does."""
    partner, id_ = _session(acts, act)
    manner = manner_of(act.word)
    acts.history.cpos[acts.history.asked[act.trip - 1].place.peer].manners[id_] = manner
    key = f"unlock-{act.after}"
    call = partial(_once, partner, key, lambda ports: free_cable(ports, partner, id_, key))
    want(acts, Asking("unlock", id_), call)


def prefer(acts: "Acts", act: Act) -> None:
    """What the driver wishes while the car charges: `word` is a profile, or how it is taken."""
    partner, id_ = _session(acts, act)
    wish = wish_of(acts, act, id_)
    call = partial(_once, partner, f"prefer-{act.after}", partial(_tell, partner, id_, wish))
    want(acts, Asking("prefer", id_, wish), call)


def wish_of(acts: "Acts", act: Act, session_id: str) -> Preferences:
    profile, _, manner = act.word.partition(" ")
    cpo = acts.history.cpos[acts.history.asked[act.trip - 1].place.peer]
    cpo.manners[f"cs-{session_id[-8:]}"] = manner_of(manner)
    return Preferences(Profile(profile), energy_need_kwh=Decimal(10 + act.minor))


def _tell(partner: PartyId, id_: str, wish: Preferences, ports: Ports) -> object:
    return tell_wish(ports, partner, id_, wish)


def _session(acts: "Acts", act: Act) -> tuple[PartyId, str]:
    """By now we may have met the sessions of eMSPs' drivers, too."""
    acts.history.sessions()
    asked = acts.history.asked[act.trip - 1]
    return PARTNERS[asked.trip.method], str(asked.session_id)


def _once(partner: PartyId, key: str, act: Callable[[Ports], object], ports: Ports) -> object:
    """As handlers/partner_api/endpoint.py serves a request with an Idempotency-Key."""

    def do() -> tuple[int, str]:
        act(ports)
        return _ACCEPTED, "{}"

    return once(ports, partner, key.partition("-")[0], key, request_hash=key, do=do)
