"""Where do pushes to an eMSP go, and where never? The real client, without the network."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.adapters.ocpi_client.emsp import EmspClient
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.hub.session import Begun, CommandResult, ResultType, ToldSession
from chalicelib.domain.hub.token import erased
from chalicelib.domain.ids import PartyId, PeerId, SessionId
from chalicelib.domain.money import Currency
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from sandbox.memory.plain import MemorySecrets

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
CONNECTION = Connection(
    PeerId("peer_app"),
    ConnectionState.REGISTERED,
    PartyId(""),
    {"NL*APP": PartyId("par_app")},
    their_token_secret="ocpi/peer_app/1",
    version="2.2.1",
    partner_id=PartyId("par_app"),
)
SESSION = ToldSession(
    begun=Begun(PeerId("peer_app"), "DE*RHE", "NL*APP", "https://app.example/r"),
    id=SessionId("ses_1"),
    token=erased("NL*APP", AT),
    status="ACTIVE",
    start=AT,
    end=None,
    energy_kwh=Decimal(1),
    currency=Currency("EUR"),
    location_id="L1",
    evse_uid="E1",
    connector_id="1",
    last_updated=AT,
)


@pytest.fixture
def client() -> EmspClient:
    secrets = MemorySecrets()
    secrets.write("ocpi/peer_app/1", "token")
    return EmspClient(secrets, allow_private=False)


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]"])
def test_a_result_never_goes_into_our_own_network(client: EmspClient, host: str) -> None:
    result = CommandResult(f"https://{host}/results", ResultType.ACCEPTED)
    with pytest.raises(CpoRefused):
        client.post_result(CONNECTION, "DE*RHE", "NL*APP", result)


def test_an_emsp_without_the_endpoint_is_not_called(client: EmspClient) -> None:
    client.put_session(CONNECTION, SESSION)  # a call would fail: there is no network


def test_without_its_token_nothing_is_sent() -> None:
    client = EmspClient(MemorySecrets(), allow_private=False)
    result = CommandResult("https://x.example", ResultType.FAILED)
    with pytest.raises(CpoUnavailable, match="token"):
        client.post_result(CONNECTION, "DE*RHE", "NL*APP", result)
