"""How is an eMSP told of its sessions and CDRs, and asked for a card? OCPI's side of Emsps."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.ocpi_client.answer import check, parsed
from chalicelib.adapters.ocpi_client.http import Http, correlated
from chalicelib.adapters.ocpi_client.pages import crawl
from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.client_info import ClientInfo
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.domain.errors import Invalid
from chalicelib.domain.hub.card import Answer, AtCharger
from chalicelib.domain.hub.offered import Offered, OfferedTariff
from chalicelib.domain.hub.session import CommandResult, ToldCdr, ToldSession
from chalicelib.domain.hub.token import EmspToken
from chalicelib.ocpi.envelope import authorization
from chalicelib.ocpi.envelope.body import MalformedJson, parse_object
from chalicelib.ocpi.envelope.client_info import write_client_info
from chalicelib.ocpi.envelope.references import LocationReferences, write_references
from chalicelib.ocpi.told import words
from chalicelib.ocpi.v2_2_1.authorization import read_answer
from chalicelib.ocpi.v2_2_1.charge import write_result
from chalicelib.ocpi.v2_2_1.emsp_token import read_emsp_token
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Pulled, Received
from chalicelib.ports.secrets import Secrets

_UNREADABLE = 2001  # invalid parameters: what we make of an answer that cannot be read
_NO_ENDPOINT = 3003
_READ_S = 5  # a session that tells, or a driver at a charger, waits for it


class EmspClient:
    """Implements ports.emsp.Emsps over HTTP."""

    def __init__(self, secrets: Secrets, *, allow_private: bool) -> None:
        self._secrets = secrets
        self._http = Http(allow_private=allow_private, read_s=_READ_S)

    def put_session(self, connection: Connection, session: ToldSession) -> None:
        base = connection.endpoints.get("sessions.RECEIVER", "").rstrip("/")
        if base:
            url = _below(base, session.begun.identity, session.id)
            headers = self._headers(connection, session.begun.identity, session.token.emsp)
            check(
                parsed(
                    self._http.call("PUT", url, headers, words(connection.version).session(session))
                )
            )

    def post_cdr(self, connection: Connection, cdr: ToldCdr) -> None:
        url = connection.endpoints.get("cdrs.RECEIVER", "")
        if url:
            told = cdr.session
            headers = self._headers(connection, told.begun.identity, told.token.emsp)
            check(parsed(self._http.call("POST", url, headers, words(connection.version).cdr(cdr))))

    def put_location(self, connection: Connection, told: Offered, evse_uid: str) -> None:
        body, ids = words(connection.version).location(told), [told.location.id]
        named = [one for one in body["evses"] if one["uid"].lower() == evse_uid.lower()]
        if named:
            body = named[0]
            ids.append(body["uid"])
        self._network("PUT", "locations", connection, (told.identity, *ids), body)

    def put_tariff(self, connection: Connection, told: OfferedTariff, raw: str) -> None:
        tariff = told.tariff
        identity = f"{tariff.country_code}*{tariff.party_id}"
        if not words(connection.version).sayable(tariff):
            self.delete_tariff(connection, identity, tariff.id)
            return
        body = words(connection.version).tariff(tariff, raw)
        self._network("PUT", "tariffs", connection, (identity, tariff.id), body)

    def delete_tariff(self, connection: Connection, identity: str, tariff_id: str) -> None:
        self._network("DELETE", "tariffs", connection, (identity, tariff_id), None)

    def _network(
        self,
        method: str,
        module: str,
        connection: Connection,
        named: tuple[str, ...],
        body: dict[str, Any] | None,
    ) -> None:
        """What CPOs publish is for all parties of the platform: the first that registered."""
        identity, *ids = named
        base = connection.endpoints.get(f"{module}.RECEIVER", "").rstrip("/")
        to = next(iter(connection.announced or connection.identities))
        if base:
            headers = self._headers(connection, identity, to)
            check(parsed(self._http.call(method, _below(base, identity, *ids), headers, body)))

    def authorize(self, connection: Connection, token: EmspToken, where: AtCharger) -> Answer:
        base = connection.endpoints.get("tokens.SENDER", "").rstrip("/")
        if not base:
            raise CpoUnavailable(f"{connection.id} has no endpoint to be asked for a token")
        url = f"{base}/{quote(token.uid, safe='')}/authorize?type={quote(token.type)}"
        headers = self._headers(connection, where.identity, token.emsp)
        headers |= correlated(where.correlation_id)
        asked = write_references(LocationReferences(where.location_id, (where.evse_uid,)))
        answer = self._http.call("POST", url, headers, asked)
        try:
            envelope = parse_object(answer.body)
            if not isinstance(envelope.get("status_code"), int):
                raise CpoRefused(_UNREADABLE, "the answer has no status")
            check(envelope)
            return read_answer(envelope.get("data"))
        except (MalformedJson, Invalid) as error:  # it has answered: that is no silence
            raise CpoRefused(_UNREADABLE, f"the answer is not OCPI: {error}") from error

    def tokens(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        url = connection.endpoints.get("tokens.SENDER", "")
        if not url:
            raise CpoRefused(_NO_ENDPOINT, "the eMSP has no list of tokens")
        to = next(iter(connection.announced or connection.identities))
        headers = self._headers(connection, f"{COUNTRY_CODE}*{PARTY_ID}", to)
        query = {} if since is None else {"date_from": instant_text(since)}
        items: dict[str, Received] = {}
        refused, told_at, place = 0, None, ""
        for page in crawl(lambda at: self._http.call("GET", at, headers, None), url, query, rest):
            told_at, place = told_at or page.at, page.next
            for sent in page.items:
                try:
                    token = read_emsp_token(sent.value)
                except Invalid:
                    refused += 1
                    continue
                known = items.get(token.reference)
                if known is None or known.value.last_updated <= token.last_updated:
                    items[token.reference] = Received(token, sent.text)
        unfit = (f"{refused} tokens have no reading",) if refused else ()  # named by nobody
        return Pulled(tuple(items.values()), unfit, told_at, rest=place)

    def put_client_info(self, connection: Connection, info: ClientInfo) -> None:
        base = connection.endpoints.get("hubclientinfo.RECEIVER", "").rstrip("/")
        if base:
            headers = {"Authorization": self._authorization(connection)}  # between platforms
            url, body = _below(base, info.id), write_client_info(info)
            check(parsed(self._http.call("PUT", url, headers, body)))

    def post_result(
        self, connection: Connection, identity: str, emsp: str, result: CommandResult
    ) -> None:
        headers = self._headers(connection, identity, emsp)
        self._http.call("POST", result.url, headers, write_result(result))  # any 2xx will do

    def close(self) -> None:
        self._http.close()

    def _headers(self, connection: Connection, identity: str, to: str) -> dict[str, str]:
        """The token, and the routing from the CPO to the eMSP, each by its `CC*PID`."""
        country, _, party = identity.partition("*")
        to_country, _, to_party = to.partition("*")
        return {
            "Authorization": self._authorization(connection),
            "OCPI-from-country-code": country,
            "OCPI-from-party-id": party,
            "OCPI-to-country-code": to_country,
            "OCPI-to-party-id": to_party,
        }

    def _authorization(self, connection: Connection) -> str:
        try:
            token = self._secrets.read(connection.their_token_secret)
        except KeyError as error:
            raise CpoUnavailable(f"the token for {connection.id} is not kept") from error
        return authorization.shown(token, raw=connection.raw_token)


def _below(base: str, identity: str, *ids: str) -> str:
    """The URL of a CPO's object: client-owned objects name their owner."""
    country, _, party = identity.partition("*")
    return "/".join((base, *(quote(part, safe="") for part in (country, party, *ids))))
