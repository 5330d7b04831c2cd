"""Can people see what was set aside, and bring it back?"""

import argparse
import json
from datetime import timedelta

import pytest

from chalicelib.ports.store import Key, Put
from chalicelib.usecases.effect import sweep as sweeping
from chalicelib.usecases.effect.quarantine import NotQuarantined, quarantined, release
from sandbox.commands import admin
from sandbox.memory.world import World


def _parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    admin.register(parser.add_subparsers())
    return parser.parse_args(["admin", *words])


def _sweep(world: World) -> dict[str, int]:
    world.ports.clock.at += timedelta(minutes=20)
    return sweeping.sweep(world.ports)


def test_a_poison_record_is_set_aside_listed_and_released_once_it_is_mended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()
    session = world.start()
    key = Key(f"session#{session.id}", "state")
    whole = world.ports.store.get(key)
    assert whole is not None
    world.ports.store.write(Put(key, {"id": "of no use"}, expects=None))
    _sweep(world)
    (note,) = quarantined(world.ports)
    assert note.owner == key.pk
    assert admin.run(_parse("quarantine", "list"), world.ports) == 0
    assert json.loads(capsys.readouterr().out)[0]["owner"] == key.pk

    world.ports.store.write(Put(key, whole.body, expects=None))
    assert admin.run(_parse("quarantine", "release", key.pk), world.ports) == 0
    assert not quarantined(world.ports)
    assert _sweep(world)["looked_at"] > 0
    assert not quarantined(world.ports)


def test_a_record_that_still_breaks_its_reader_is_set_aside_again() -> None:
    world = World()
    session = world.start()
    key = Key(f"session#{session.id}", "state")
    world.ports.store.write(Put(key, {"id": "of no use"}, expects=None))
    _sweep(world)
    release(world.ports, key.pk)
    _sweep(world)
    assert [note.owner for note in quarantined(world.ports)] == [key.pk]


def test_what_is_not_set_aside_cannot_be_released() -> None:
    with pytest.raises(NotQuarantined):
        release(World().ports, "session#ses_1")
