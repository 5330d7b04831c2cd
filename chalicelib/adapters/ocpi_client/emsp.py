"""How is an eMSP told of its sessions and CDRs, and asked for a card? OCPI's side of Emsps."""

from urllib.parse import quote

from chalicelib.adapters.ocpi_client.answer import check, data_of, parsed, read_as
from chalicelib.adapters.ocpi_client.http import Http
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.card import Answer, AtCharger
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession
from chalicelib.domain.hub.token import EmspToken
from chalicelib.ocpi.envelope import authorization
from chalicelib.ocpi.envelope.references import LocationReferences, write_references
from chalicelib.ocpi.v2_2_1.authorization import read_answer
from chalicelib.ocpi.v2_2_1.charge import write_cdr, write_result, write_session
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.ports.secrets import Secrets

_READ_S = 5  # a session that tells, or a driver at a charger, waits for it


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
            headers = self._headers(connection, session.begun.identity, session.token)
            check(parsed(self._http.call("PUT", url, headers, write_session(session))))

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None:
        url = connection.endpoints.get("cdrs.RECEIVER", "")
        if url:
            told = cdr.session
            headers = self._headers(connection, told.begun.identity, told.token)
            check(parsed(self._http.call("POST", url, headers, write_cdr(cdr))))

    def authorize(self, connection: Connection, token: EmspToken, where: AtCharger) -> Answer:
        base = connection.endpoints.get("tokens.SENDER", "").rstrip("/")
        if not base:
            raise CpoUnavailable(f"{connection.id} has no endpoint to be asked for a token")
        url = f"{base}/{quote(token.uid, safe='')}/authorize?type={quote(token.type)}"
        headers = self._headers(connection, where.identity, token)
        asked = write_references(LocationReferences(where.location_id, (where.evse_uid,)))
        told: Answer = read_as(read_answer, data_of(self._http.call("POST", url, headers, asked)))
        return told

    def post_result(
        self, connection: Connection, session: ToldSession, result: CommandResult
    ) -> None:
        headers = self._headers(connection, session.begun.identity, session.token)
        self._http.call("POST", result.url, headers, write_result(result))  # any 2xx will do

    def close(self) -> None:
        self._http.close()

    def _headers(self, connection: Connection, identity: str, driver: EmspToken) -> dict[str, str]:
        """The token, and the routing from the CPO to the driver's eMSP."""
        try:
            token = self._secrets.read(connection.their_token_secret)
        except KeyError as error:
            raise CpoUnavailable(f"the token for {connection.id} is not kept") from error
        country, _, party = identity.partition("*")
        return {
            "Authorization": authorization.shown(token, raw=connection.raw_token),
            "OCPI-from-country-code": country,
            "OCPI-from-party-id": party,
            "OCPI-to-country-code": driver.country_code,
            "OCPI-to-party-id": driver.party_id,
        }
