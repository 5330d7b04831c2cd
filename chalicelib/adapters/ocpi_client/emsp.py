"""How are an eMSP's sessions and CDRs pushed to it? OCPI's client side of the port Emsps."""

from urllib.parse import quote

from chalicelib.adapters.ocpi_client.answer import check, parsed
from chalicelib.adapters.ocpi_client.http import Http
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession
from chalicelib.ocpi.envelope import authorization
from chalicelib.ocpi.v2_2_1.charge import write_cdr, write_result, write_session
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.ports.secrets import Secrets

_READ_S = 5  # the session that tells waits for it; what fails is delivered again


class EmspClient:
    """Implements ports.emsp.Emsps over HTTP."""

    def __init__(self, secrets: Secrets, *, allow_private: bool) -> None:
        self._secrets = secrets
        self._http = Http(allow_private=allow_private, read_s=_READ_S)

    def put_session(self, connection: Connection, session: ToldSession) -> None:
        base = connection.endpoints.get("sessions.RECEIVER", "").rstrip("/")
        if base:
            country, _, party = session.begun.identity.partition("*")
            url = "/".join((base, *(quote(part, safe="") for part in (country, party, session.id))))
            headers = self._headers(connection, session)
            check(parsed(self._http.call("PUT", url, headers, write_session(session))))

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None:
        url = connection.endpoints.get("cdrs.RECEIVER", "")
        if url:
            headers = self._headers(connection, cdr.session)
            check(parsed(self._http.call("POST", url, headers, write_cdr(cdr))))

    def post_result(
        self, connection: Connection, session: ToldSession, result: CommandResult
    ) -> None:
        headers = self._headers(connection, session)
        self._http.call("POST", result.url, headers, write_result(result))  # any 2xx will do

    def close(self) -> None:
        self._http.close()

    def _headers(self, connection: Connection, session: ToldSession) -> dict[str, str]:
        """The token, and the routing from the CPO to the driver's eMSP."""
        try:
            token = self._secrets.read(connection.their_token_secret)
        except KeyError as error:
            raise CpoUnavailable(f"the token for {connection.id} is not kept") from error
        country, _, party = session.begun.identity.partition("*")
        return {
            "Authorization": authorization.shown(token, raw=connection.raw_token),
            "OCPI-from-country-code": country,
            "OCPI-from-party-id": party,
            "OCPI-to-country-code": session.token.country_code,
            "OCPI-to-party-id": session.token.party_id,
        }
