"""What does a partner's driver do at the foreign CPO's charger? Finds it, and starts a session."""

from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.place import Point
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.token import Token
from chalicelib.usecases.network.search import Found, Wanted, search
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.session.start import start
from chalicelib.usecases.token.issue import issue
from sandbox.memory.world import PARTNERS, World
from tests.interop import told

PARTNER = PARTNERS[PaymentMethod.CARD]
_HERE = Circle(Point.at(Decimal("50.938"), Decimal("6.960")), 2000)


def found(world: World) -> Found:
    (only,) = search(world.ports, PARTNER, Wanted(_HERE)).found
    return only


def token(world: World) -> Token:
    return issue(world.ports, PARTNER, "driver 7", "pm_card_visa")


def begin(world: World) -> Session:
    """Quoted and started by the partner; the effects have run."""
    place = found(world)
    evse = place.location.evses[0]
    where = (place.location_id, evse.uid, evse.connectors[0].id)
    quote = make_quote(world.ports, PARTNER, *where, Decimal(told.KWH), 1800)
    start(world.ports, PARTNER, quote.id, token(world).id, "k1", "h")
    world.settle()
    return session(world)


def session(world: World) -> Session:
    """The only one."""
    (id_,) = [
        name.split("#")[1].split("/")[0]
        for name in world.ports.store.dump()
        if name.startswith("session#ses_")
    ]
    return world.session(id_)
