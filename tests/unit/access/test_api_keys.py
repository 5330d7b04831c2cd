"""Is an API key shown once, kept as a hash, and good for exactly what it was made for?"""

import pytest

from chalicelib.domain.access.key import ALL_SCOPES, Scope, ScopeMissing, Stage, Unauthenticated
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.access.authenticate import authenticate
from chalicelib.usecases.access.issue_key import issue_key, revoke_key
from sandbox.memory.world import CPO, PARTNERS, World

APP = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


def test_a_key_speaks_for_its_partner_in_its_stage_with_its_scopes(world: World) -> None:
    issued = issue_key(world.ports, APP, Stage.LIVE, [Scope.QUOTES_WRITE])
    caller = authenticate(world.ports, issued.text)
    assert (caller.partner_id, caller.stage) == (APP, Stage.LIVE)
    caller.require(Scope.QUOTES_WRITE)
    with pytest.raises(ScopeMissing) as refused:
        caller.require(Scope.SESSIONS_WRITE)
    assert "sessions:write" in refused.value.how_to_fix


def test_a_key_has_256_random_bits_says_its_stage_and_is_kept_nowhere(world: World) -> None:
    issued = issue_key(world.ports, APP)
    assert issued.text.startswith("plugrail_sandbox_")
    secret = issued.text.removeprefix("plugrail_sandbox_")
    assert secret not in str(world.ports.store.dump())
    assert secret not in str(world.ports.secrets.values)
    assert issued.key.scopes == ALL_SCOPES


def test_every_key_differs(world: World) -> None:
    texts = {issue_key(world.ports, APP).text for _ in range(20)}
    assert len(texts) == 20


def test_a_revoked_key_is_refused_at_once_and_the_others_stay(world: World) -> None:
    lost, kept = issue_key(world.ports, APP), issue_key(world.ports, APP)
    revoke_key(world.ports, APP, lost.key.id)
    revoke_key(world.ports, APP, lost.key.id)
    with pytest.raises(Unauthenticated):
        authenticate(world.ports, lost.text)
    assert authenticate(world.ports, kept.text).key_id == kept.key.id


@pytest.mark.parametrize("text", ["", "plugrail_", "plugrail_live_0", "x" * 10_000, "ключ", "\0"])
def test_what_is_no_key_is_refused(world: World, text: str) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(world.ports, text)


def test_the_stage_in_a_key_cannot_be_changed(world: World) -> None:
    text = issue_key(world.ports, APP, Stage.SANDBOX).text
    with pytest.raises(Unauthenticated):
        authenticate(world.ports, text.replace("sandbox", "live"))


@pytest.mark.parametrize("party_id", [CPO, PartyId("par_nobody")])
def test_only_a_registered_partner_gets_a_key(world: World, party_id: PartyId) -> None:
    with pytest.raises(NotFound):
        issue_key(world.ports, party_id)


def test_a_key_of_another_partner_cannot_be_revoked(world: World) -> None:
    issued = issue_key(world.ports, APP)
    with pytest.raises(NotFound):
        revoke_key(world.ports, PARTNERS[PaymentMethod.INVOICE], issued.key.id)
    assert authenticate(world.ports, issued.text).partner_id == APP
