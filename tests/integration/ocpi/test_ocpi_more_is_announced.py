"""A peer's answer to our own handshake announces more than was agreed: what is kept of it?"""

from typing import Any

import pytest

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.connection.refusals import IdentityNotBound
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.connection.register import register
from chalicelib.usecases.connection.renew import renew
from sandbox.memory.ports import MemoryPorts
from tests.integration.ocpi.test_ocpi_credentials import CREDENTIALS, PATH, URL


def test_a_renewal_in_which_one_more_party_is_announced_keeps_the_peers_new_token(
    ports: MemoryPorts, invited: Any
) -> None:
    """It has changed its token when we read its answer: what is refused then cannot be undone."""
    invited.send("POST", PATH, CREDENTIALS)
    ports.cpos.knows_us, ports.cpos.identities = True, ["DE*NRD", "DE*NEW"]
    for _ in range(2):
        after = renew(ports, invited.connection.id)
        assert ports.secrets.read(after.their_token_secret) == ports.cpos.token
        assert (after.announced, list(after.identities)) == (("DE*NRD",), ["DE*NRD"])


def test_a_party_that_nobody_bound_is_named_when_we_began_and_all_is_kept(
    ports: MemoryPorts,
) -> None:
    ports.cpos.identities = ["DE*NRD", "DE*NEW"]
    cpo = PartyId("cpo_north")
    with pytest.raises(IdentityNotBound, match="DE\\*NEW"):
        register(ports, cpo, {"DE*NRD": cpo}, URL, "token-a")
    (connection,) = connections(ports)
    assert connection.state is ConnectionState.REGISTERED
    assert ports.secrets.read(connection.their_token_secret) == ports.cpos.token
