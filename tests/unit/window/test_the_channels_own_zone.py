"""Is what comes in outside a session sealed and proved, even where no CPO lives?"""

from dataclasses import replace

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import CHANNEL, WindowId
from chalicelib.domain.money import Money
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.window.sealed import sealed_entries
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import EUR


def test_a_window_of_the_channels_zone_seals_what_was_paid_in() -> None:
    settled = SettledWorld()
    ports = settled.world.ports
    moved = replace(channel(ports), time_zone="America/Lima")
    ports.store.write(Put(keys.party(CHANNEL), to_plain(moved), None))
    ports.store.write(Put(Key(keys.parties(), CHANNEL), {}, None))
    add_float(ports, Money(700, EUR), "tu_1")
    run = settled.settle_day(WindowId("2026-11-16.America-Lima"))
    assert [entry.refs["reference"] for entry in sealed_entries(ports, run)] == ["tu_1"]
