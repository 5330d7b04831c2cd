"""How does a CPO join, change tokens with us and leave, when anybody may die on the way?

A handshake whose answer is lost leaves one side with a token that the other has replaced: OCPI has
no way back. Then people close what there is and begin again, with a new invitation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import NotRegistered, Unauthenticated
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.party.party import Party, PartyKind, VatRegistration
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Peer, Theirs
from chalicelib.usecases.connection import authenticate as authentication
from chalicelib.usecases.connection.authenticate import authenticate
from chalicelib.usecases.connection.client_info import accept_client_info
from chalicelib.usecases.connection.close import close, leave
from chalicelib.usecases.connection.invite import Invitation, invite
from chalicelib.usecases.connection.read import all_connections
from chalicelib.usecases.connection.register import accept_registration, accept_renewal, register
from chalicelib.usecases.connection.renew import renew
from chalicelib.usecases.party.register import register as register_party
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import EUR, SINCE, ZONE
from sandbox.simulation.charger import SimulatedCpos
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

ELBE, IDENTITY = PartyId("cpo_elbe"), "DE*ELB"
_URL = "https://elbe.example/ocpi/versions"
_VERSION = "2.2.1"
_HUB = "DE*HUB"
BEGINS_AGAIN = 4
_HOUR = 1.0


@dataclass
class JoiningCpo(MemoryCpo):
    """A hub with one party. `shows`: the token that it shows us, "" where it has none.

    `looks` is what it does while we register or renew: it fetches our versions with the token that
    we have just told it. `shut_out` lists the calls in which it could not.
    """

    looks: Callable[[str], bool] = field(kw_only=True)
    shows: str = ""
    wanted: bool = True
    mending: bool = False
    invited: int = 0
    shut_out: list[str] = field(default_factory=list)

    def register(
        self,
        peer: Peer,
        token: str,
        ours: dict[str, Any],
        *,
        renewing: bool = False,
        raw_token: bool = False,
    ) -> Theirs:
        theirs = super().register(peer, token, ours, renewing=renewing, raw_token=raw_token)
        self.shows = str(ours["token"])
        if not self.looks(self.shows):
            self.shut_out.append("renewing" if renewing else "registering")
        return replace(theirs, hub=_HUB)

    def invite(self) -> str:
        """Its people give us a token, and forget all that was before."""
        self.invited += 1
        self.token, self.knows_us, self.shows = f"invitation-{self.invited}", False, ""
        return self.token


def join(acts: "Acts", act: Act) -> None:
    """A CPO is registered as a party and connected. `word`: who begins, "we" or "they"."""
    authentication.forget()  # every process begins without
    history, begins = acts.history, act.word
    elbe = JoiningCpo(identities=[IDENTITY], looks=partial(_may_look, history.ports))
    cast("SimulatedCpos", history.ports.cpos).others[_URL] = elbe
    acts.joining = elbe
    vat = (VatRegistration("DE", "DE987654321", SINCE),)
    party = Party(ELBE, PartyKind.CPO, "Elbe", "DE", EUR, vat=vat, time_zone=ZONE)

    then = partial(_shake, acts, elbe, begins)
    acts.ask("register_party", partial(register_party, party=party), lambda _: then())


def change(acts: "Acts", act: Act) -> None:
    """Tokens are changed. `word`: who begins, "we" or "they"."""
    elbe = acts.joining
    assert elbe is not None, "it has joined"
    then = partial(_ended, acts, elbe, "we")
    if act.word == "they":
        elbe.token = f"renewed-{elbe.token}"
        acts.ask("accept_renewal", partial(_put, elbe), partial(_answered, acts, elbe))
    else:
        acts.ask("renew", _renew, then)


def part(acts: "Acts", act: Act) -> None:
    """It leaves, or we leave it (`word`)."""
    elbe = acts.joining
    assert elbe is not None, "it has joined"
    elbe.wanted = False
    if act.word == "they":
        acts.ask("close", lambda ports: close(ports, _shown(ports, elbe).id))
    else:
        acts.ask("leave", lambda ports: [leave(ports, one.id) for one in registered(ports)])


def hub_tells(acts: "Acts", act: Act) -> None:
    """The hub says whether its party can be reached; a push that fails is pulled later."""
    elbe = acts.joining
    assert elbe is not None, "it has joined"
    status = ConnectionStatus(act.word)
    info = ClientInfo("DE", "ELB", "CPO", status, acts.history.clock.now())
    elbe.parties.append(info)

    def accept(ports: Ports) -> bool:
        return accept_client_info(ports, _shown(ports, elbe), info)

    acts.ask("accept_client_info", accept)


def _shake(acts: "Acts", elbe: JoiningCpo, begins: str) -> None:
    elbe.mending = False
    if elbe.invited >= BEGINS_AGAIN or not elbe.wanted:
        return
    token = elbe.invite()
    if begins == "they":
        invites = partial(invite, cpo_id=ELBE, identities={IDENTITY: ELBE})
        acts.ask("invite", invites, partial(_posts, acts, elbe))
        return

    def begin(ports: Ports) -> Connection:
        return register(ports, ELBE, {IDENTITY: ELBE}, _URL, token)

    acts.ask("register", begin, partial(_ended, acts, elbe, begins))


def _posts(acts: "Acts", elbe: JoiningCpo, invited: Ran) -> None:
    """The peer POSTs its credentials with the token of its invitation."""
    if invited.end is not End.DONE:
        return
    invitation: Invitation = invited.value
    elbe.shows, elbe.knows_us = invitation.token, True
    acts.ask("accept_registration", partial(_post, elbe), partial(_answered, acts, elbe))


def _post(elbe: JoiningCpo, ports: Ports) -> str:
    connection = authenticate(ports, [elbe.shows], registered=False)
    return accept_registration(ports, connection.id, _credentials(elbe), _VERSION)


def _put(elbe: JoiningCpo, ports: Ports) -> str:
    return accept_renewal(ports, _shown(ports, elbe).id, _credentials(elbe), _VERSION)


def _credentials(elbe: JoiningCpo) -> Theirs:
    return Theirs(elbe.token, _URL, (IDENTITY,), hub=_HUB)


def _answered(acts: "Acts", elbe: JoiningCpo, ran: Ran) -> None:
    """Our answer names the token that the peer shows from now on."""
    if ran.end is End.DONE:
        elbe.shows = ran.value
    _ended(acts, elbe, "they", ran)


def _ended(acts: "Acts", elbe: JoiningCpo, begins: str, ran: Ran) -> None:
    """Where one side is left without a good token people close what there is, and begin again."""
    if ran.end is End.DONE or elbe.mending or not elbe.wanted:
        return
    elbe.mending = True
    again = partial(_shake, acts, elbe, begins)
    acts.after(_HOUR, partial(acts.ask, "close", _close_all, lambda _: again()))


def _renew(ports: Ports) -> Connection:
    known = registered(ports)
    if not known:
        raise NotRegistered(PeerId(""))
    return renew(ports, known[0].id)


def _close_all(ports: Ports) -> None:
    for connection in registered(ports):
        close(ports, connection.id)


def registered(ports: Ports) -> list[Connection]:
    known = all_connections(ports)
    return [one for one in known if IDENTITY in one.identities and one.state.value == "registered"]


def _shown(ports: Ports, elbe: JoiningCpo) -> Connection:
    return authenticate(ports, [elbe.shows])


def _may_look(ports: Ports, token: str) -> bool:
    try:
        authenticate(ports, [token], registered=False)
    except Unauthenticated:
        return False
    return True
