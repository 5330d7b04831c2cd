"""What if an eMSP's tellings of one token meet? The newest counts, for ours as for its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.token.token import Token
from chalicelib.usecases.hub import tokens
from chalicelib.usecases.hub.tokens import accept_token, emsp_token
from chalicelib.usecases.token.issue import token_id_of
from chalicelib.usecases.token.list import partner_tokens
from sandbox.memory.machine import Killed
from sandbox.memory.world import World
from tests.integration.ocpi.hub.emsp_scene import PARTNER

GOOD = EmspToken(
    country_code="NL",
    party_id="APP",
    uid="0482AB",
    type="RFID",
    contract_id="NL-APP-C0482AB-7",
    valid=True,
    last_updated=datetime(2026, 11, 16, 7, tzinfo=UTC),
    raw="{}",
)
BLOCKED = replace(GOOD, valid=False, last_updated=datetime(2026, 11, 16, 8, tzinfo=UTC))


def before_it_is_kept(world: World, patch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Something happens when the next telling has changed our token, and has not ended."""
    write, waiting = world.ports.personal.write, [act]

    def overtaken(*writes: Any) -> None:
        if waiting and writes[0].key.pk.startswith("emsp-token#"):
            waiting.pop()()
        write(*writes)

    patch.setattr(world.ports.personal, "write", overtaken)


def stands(world: World) -> tuple[bool, bool]:
    """Whether the eMSP's token is good as it was told, and ours."""
    told = emsp_token(world.ports, token_id_of(world.ports, PARTNER, GOOD.reference))
    ours, _ = partner_tokens(world.ports, PARTNER, "", 10)
    assert told is not None
    return told.valid, next(token.valid for token in ours if token.uid == GOOD.uid)


@pytest.mark.parametrize("known", [(), (replace(GOOD, contract_id="older"),)], ids=("new", "known"))
def test_a_card_that_is_blocked_while_it_is_told_good_is_blocked(
    world: World, monkeypatch: pytest.MonkeyPatch, known: tuple[EmspToken, ...]
) -> None:
    for one in known:
        accept_token(world.ports, PARTNER, one)
    before_it_is_kept(world, monkeypatch, lambda: accept_token(world.ports, PARTNER, BLOCKED))
    with pytest.raises(UpdateOutdated):
        accept_token(world.ports, PARTNER, GOOD)
    assert stands(world) == (False, False)


def test_what_is_older_is_kept_for_a_moment_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_it_is_kept(world, monkeypatch, lambda: accept_token(world.ports, PARTNER, GOOD))
    assert accept_token(world.ports, PARTNER, BLOCKED)
    assert stands(world) == (False, False)


def test_an_older_telling_that_dies_leaves_no_blocked_card_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued, waiting = tokens._issued, [BLOCKED]

    def later(*args: Any, **named: Any) -> Token:
        """It has read that nothing is known, and is overtaken before it issues ours."""
        if waiting:
            accept_token(world.ports, PARTNER, waiting.pop())
        return issued(*args, **named)

    def dies() -> None:
        raise Killed

    accept_token(world.ports, PARTNER, replace(GOOD, contract_id="older"))
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "_issued", later)
        with pytest.raises(Killed):
            _told_and(world, patch, dies)
    assert stands(world) == (False, True)  # until it is told again, or listed to the hourly pull
    with pytest.raises(UpdateOutdated):
        accept_token(world.ports, PARTNER, GOOD)
    assert stands(world) == (False, False)


def _told_and(world: World, patch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    write = world.ports.personal.write

    def writes(*puts: Any) -> None:
        if puts[0].body.get("valid") and puts[0].key.pk.startswith("emsp-token#"):
            act()
        write(*puts)

    patch.setattr(world.ports.personal, "write", writes)
    accept_token(world.ports, PARTNER, GOOD)
