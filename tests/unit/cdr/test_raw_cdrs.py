"""Is a CDR kept as it came, before it is billed, and sealed with the evidence of its bill?"""

from contextlib import suppress

import pytest

from chalicelib.domain.evidence.manifest import unpacked
from chalicelib.domain.session.session import SessionState
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.cdr.raw import raw_of
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed
from sandbox.memory.world import World

SHORT = '{ "id":"CDR-1",\n\t"city" : "K\u00f6ln", "signed":"\\u00e4", "total":14.70}'.encode()
LONG = b'{"signed_data":"' + b"0f" * 8000 + b'"}'
NAME = "cdr/0f.json"


@pytest.mark.parametrize(("raw", "files"), [(SHORT, 0), (LONG, 1)], ids=["short", "long"])
def test_a_cdr_is_read_byte_for_byte_and_only_a_long_one_is_a_file(raw: bytes, files: int) -> None:
    world = World()
    session = world.charge()
    accept_cdr(world.ports, world.connection, world.cdr(session), NAME, raw)
    assert raw_of(world.ports, NAME) == raw
    assert len(world.ports.files.content) == files


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("raw", [SHORT, LONG], ids=["short", "long"])
def test_no_session_is_billed_by_a_cdr_that_was_not_kept(raw: bytes, *, after: bool) -> None:
    for at in range(1, 5):
        world = World()
        session = world.charge()
        cdr = world.cdr(session)
        with suppress(Killed):
            fragile = Fragile(world.ports, at, after=after)
            accept_cdr(fragile, world.connection, cdr, NAME, raw)
        if world.session(session.id).state is SessionState.BILLED:
            assert raw_of(world.ports, NAME) == raw
        accept_cdr(world.ports, world.connection, cdr, NAME, raw)  # its CPO sends it again
        assert raw_of(world.ports, NAME) == raw


def test_the_pack_of_the_bill_seals_it_as_it_came() -> None:
    world = World()
    session = world.charge()
    accept_cdr(world.ports, world.connection, world.cdr(session), NAME, SHORT)
    world.settle()
    pack = unpacked({"pack.json": world.ports.files.content[world.session(session.id).evidence]})
    assert SHORT in pack.values()
