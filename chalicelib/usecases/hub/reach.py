"""Which CPOs does a partner reach through us? Those that are connected, and that it agreed with."""

from dataclasses import dataclass

from chalicelib.domain.hub.refusals import ReceiverUnknown
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import EVERY_CPO, agreements_of
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.network.recent import recent


@dataclass(frozen=True, slots=True)
class Way:
    """A CPO's `CC*PID` and a connection that speaks for it."""

    identity: str
    peer_id: PeerId
    cpo_id: PartyId

    @property
    def owner(self) -> tuple[str, str]:
        country, _, party = self.identity.partition("*")
        return country, party


def ways(ports: Ports, partner_id: PartyId, to: str = "") -> list[Way]:
    """All of them in order of the CPOs' names; with `to` those to one `CC*PID`.

    As it was at most a minute ago: what is started is quoted anew. Raises ReceiverUnknown.
    """
    known = recent(ports, ("reached by", partner_id), lambda: _ways(ports, partner_id))
    found = [way for way in known if to in {"", way.identity}]
    if to and not found:
        raise ReceiverUnknown(to)
    return found


def identities(ports: Ports, partner_id: PartyId) -> tuple[str, ...]:
    """The `CC*PID` of the CPOs, each once."""
    return tuple(dict.fromkeys(way.identity for way in ways(ports, partner_id)))


def agreed_cpos(ports: Ports, partner_id: PartyId) -> set[PartyId]:
    """With whom the partner has an agreement today; EVERY_CPO may stand among them."""
    today = ports.clock.now().date()
    return {
        agreement.cpo_id
        for agreement in agreements_of(ports, partner_id)
        if agreement.holds_on(today) and agreement.in_order
    }


def _ways(ports: Ports, partner_id: PartyId) -> list[Way]:
    agreed = agreed_cpos(ports, partner_id)
    found = [
        Way(identity, connection.id, cpo_id)
        for connection in connections(ports)
        for identity, cpo_id in connection.identities.items()
        if not agreed.isdisjoint({cpo_id, EVERY_CPO})
    ]
    return sorted(found, key=lambda way: (way.identity, way.peer_id))
