"""Is what the simulation remembers what the code would make again?"""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import Parameter, signature
from typing import Any

import pytest

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff import version
from sandbox.memory.world import World
from sandbox.simulation.history import History
from sandbox.simulation.play import play_named
from sandbox.simulation.quick import quick_makers
from sandbox.simulation.remember import remembering
from sandbox.simulation.runner import quiet_process

_NAMES = (
    *("seed 1", "seed 5", "top-ups", "chargeback lost", "paid by bank", "CDR is replaced"),
    *("eMSP's CDR is replaced", "eMSP is told of prices and places"),
)


def test_each_record_is_what_its_body_says_and_says_what_its_body_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Records are written as values, and not read again: the codec is tried on all of them."""
    played: list[History] = []
    run = History.run

    def noted(history: History) -> None:
        played.append(history)
        run(history)

    monkeypatch.setattr(History, "run", noted)
    with quiet_process():
        for name in _NAMES:
            play_named(name)
    known = [each for history in played for each in history.table.known()]
    assert len(known) > 100
    for kind, value, body in known:
        assert from_plain(kind, body) == value
        assert {**body, **to_plain(value)} == body  # a location has its raw text beside
        assert canonical_bytes(body)


def _eur(minor: int) -> Money:
    return Money(minor, Currency("EUR"))


@dataclass(frozen=True, slots=True)
class _Pair:
    one: int
    other: int = 2


def test_replace_hashes_and_plain_forms_are_the_same_while_it_remembers() -> None:
    tariff, at = World().tariff, datetime(2026, 11, 16, tzinfo=UTC)
    hash_, plain = version.tariff_hash(tariff), to_plain(tariff)
    with remembering():
        assert version.tariff_hash(tariff) == hash_
        assert to_plain(tariff) == to_plain(tariff) == plain
        first = to_plain(tariff)
        first.clear()  # whoever changes what was given changes nothing of what is remembered
        assert to_plain(tariff) == plain
        changed = dataclasses.replace(tariff, last_updated=at)
        assert (changed.last_updated, version.tariff_hash(changed)) == (at, hash_)
        assert dataclasses.replace(_Pair(1), other=3) == _Pair(1, 3)
        with pytest.raises(TypeError):
            dataclasses.replace(_Pair(1), nothing=3)  # type: ignore[call-arg]  # the mistake
        with pytest.raises(TypeError):
            dataclasses.replace(_eur(1), nothing=3)  # type: ignore[call-arg]  # the mistake


def test_values_that_are_made_quickly_are_equal_and_guarded_again_afterwards() -> None:
    guarded = _eur(1749)
    with remembering():
        quick = _eur(1749)
        assert (quick, hash(quick), repr(quick)) == (guarded, hash(guarded), repr(guarded))
        assert dataclasses.replace(quick, minor=5) == _eur(5)
        assert quick == guarded
    for money in (guarded, quick):
        with pytest.raises(dataclasses.FrozenInstanceError):
            money.minor = 5  # type: ignore[misc]  # the mistake


def test_what_makes_a_value_quickly_takes_what_its_class_takes() -> None:
    kinds = [kind for kind, _ in quick_makers()]
    assert {Session, Money} <= set(kinds)
    for kind, make in quick_makers():
        assert _taken(make) == _taken(kind.__init__), kind


def _taken(make: Any) -> list[tuple[str, Any, bool]]:
    given = signature(make).parameters.values()
    return [(each.name, each.kind, each.default is Parameter.empty) for each in given]
