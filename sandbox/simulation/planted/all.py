"""Which bugs are planted? All of them, each by its name."""

from sandbox.simulation.planted.asking import ASKING
from sandbox.simulation.planted.beside import BESIDE
from sandbox.simulation.planted.joining import JOINING
from sandbox.simulation.planted.paying import PAYING
from sandbox.simulation.planted.plant import Planted
from sandbox.simulation.planted.roaming import ROAMING
from sandbox.simulation.planted.settling import SETTLING
from sandbox.simulation.planted.writing import WRITING

PLANTED: tuple[Planted, ...] = (*WRITING, *PAYING, *SETTLING, *BESIDE, *ROAMING, *ASKING, *JOINING)
