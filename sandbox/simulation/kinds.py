"""Of which kind is a seed's history? Most are a small market's day. Every 25th has an inquiry of a
driver's bank, every 25th has eMSPs that speak OCPI, every 25th asks chargers for more, and in every
hundredth something happens that is rare and takes long.
"""

from random import Random

from sandbox.simulation.asking import ASKING, any_asking
from sandbox.simulation.inquiries import INQUIRIES, any_inquiry
from sandbox.simulation.rare import RARE, any_rare
from sandbox.simulation.roaming.scenarios import ROAMING, any_roaming
from sandbox.simulation.scenarios import ORDINARY
from sandbox.simulation.trip import Scenario, any_scenario

SCENARIOS = (*ORDINARY, *INQUIRIES, *ROAMING, *ASKING, *RARE)

_EVERY = 25
_ROAMING, _INQUIRY, _ASKING = 19, 22, 9
_RARELY, _RARE = 100, 14
_AS_SCENARIO = 0.25  # of the histories begin as a named scenario


def scenario_of(seed: int, random: Random) -> Scenario:
    if seed % _EVERY == _INQUIRY:
        return any_inquiry(random)
    if seed % _EVERY == _ROAMING:
        return any_roaming(random)
    if seed % _EVERY == _ASKING:
        return any_asking(random)
    if seed % _RARELY == _RARE:
        return any_rare(random)
    named = random.random() < _AS_SCENARIO
    return random.choice(ORDINARY) if named else any_scenario(random)
