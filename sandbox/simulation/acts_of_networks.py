"""What do CPOs tell of their places and prices, in a history in which eMSPs hear it?"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.network.location import EvseStatus, Location
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.news import place_changed, tariff_changed
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff, withdraw_tariff
from chalicelib.usecases.network.pull import pull_all
from sandbox.simulation.market import Place
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

_SPARE = "T9"  # a tariff of no charger


def pull(acts: "Acts", _act: Act) -> None:
    """The hourly pull of CPOs, whether there is anything to be found or not."""
    acts.history.processes.run("pull_networks", pull_all)


def place(acts: "Acts", act: Act) -> None:
    """The first CPO's EVSE has another status (`word`)."""
    history = acts.history
    there, now = history.market.places[0], history.clock.at
    network = history.cpos[there.peer].network
    evses = tuple(
        replace(evse, status=EvseStatus(act.word), last_updated=now) for evse in network[0].evses
    )
    told = network[0] = replace(network[0], evses=evses, last_updated=now)
    acts.ask("accept_location", partial(_accept_place, there=there, told=told))


def tariff(acts: "Acts", act: Act) -> None:
    """The first CPO publishes a tariff that it does not use yet; or withdraws it (`word`)."""
    history = acts.history
    there, now = history.market.places[0], history.clock.at
    told = replace(there.tariff, id=_SPARE, last_updated=now)
    prices = history.cpos[there.peer].prices
    prices[:] = [one for one in prices if one.id != _SPARE]
    if act.word == "withdrawn":
        acts.ask("withdraw_tariff", partial(_withdraw, there=there))
    else:
        prices.append(told)
        acts.ask("accept_tariff", partial(_accept_tariff, there=there, told=told))


def _accept_place(ports: Ports, there: Place, told: Location) -> None:
    """As handlers/ocpi/locations.py does it."""
    raw = f'{{"id":"{told.id}","last_updated":"{told.last_updated}"}}'
    if accept_location(ports, connection_of(ports, there.peer), told, raw):
        place_changed(ports, "*".join(there.party), told.id, "E1")


def _accept_tariff(ports: Ports, there: Place, told: Tariff) -> None:
    raw = f'{{"id":"{told.id}","last_updated":"{told.last_updated}"}}'
    if accept_tariff(ports, connection_of(ports, there.peer), told, raw).news:
        tariff_changed(ports, "*".join(there.party), told.id)


def _withdraw(ports: Ports, there: Place) -> None:
    connection = connection_of(ports, there.peer)
    withdraw_tariff(ports, connection, *there.party, _SPARE)
    tariff_changed(ports, "*".join(there.party), _SPARE)
