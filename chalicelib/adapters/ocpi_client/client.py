"""How does the channel speak to a CPO? OCPI's client side of the port ChargePoints.

A peer is spoken to in the version that was agreed with it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.ocpi_client.answer import check, data_of, parsed, read_as
from chalicelib.adapters.ocpi_client.http import Http, correlated
from chalicelib.adapters.ocpi_client.pages import Page, crawl
from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.domain.errors import Invalid
from chalicelib.domain.session.preferences import Preferences
from chalicelib.ocpi.envelope import authorization, command, versions
from chalicelib.ocpi.envelope.body import Sent
from chalicelib.ocpi.envelope.client_info import read_client_info
from chalicelib.ocpi.envelope.preferences import read_preferences_answer, write_preferences
from chalicelib.ocpi.language import VERSIONS, language
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ports.cpo import (
    CommandAnswer,
    CpoRefused,
    CpoUnavailable,
    Peer,
    Pulled,
    Received,
    ReserveCommand,
    StartCommand,
    Theirs,
    UnlockCommand,
)
from chalicelib.ports.secrets import Secrets

_UNSUPPORTED_VERSION, _NO_ENDPOINTS = 3002, 3003
Read = Callable[[Sent], tuple[Any, tuple[str, ...]]]


class OcpiClient:
    """Implements ports.cpo.ChargePoints over HTTP."""

    def __init__(self, secrets: Secrets, *, allow_private: bool) -> None:
        self._secrets = secrets
        self._http = Http(allow_private=allow_private)

    def discover(
        self,
        versions_url: str,
        token: str,
        *,
        version: str = "",
        raw_token: bool = False,
        emsp: bool = False,
    ) -> Peer:
        headers = {"Authorization": authorization.shown(token, raw=raw_token)}
        offered = read_as(versions.read_versions, self._get(versions_url, headers))
        wanted = (version,) if version else VERSIONS
        spoken = next((one for one in wanted if one in offered), None)
        if spoken is None:
            said = ", ".join(offered) or "nothing"
            raise CpoRefused(_UNSUPPORTED_VERSION, f"{' or '.join(wanted)} is not among {said}")
        told = read_as(versions.read_details, self._get(offered[spoken], headers))
        endpoints = told if emsp else versions.with_commands(told)
        absent = versions.missing(endpoints, versions.NO_ROLE if emsp else versions.NEEDED)
        if absent:
            raise CpoRefused(_NO_ENDPOINTS, f"there is no endpoint {', '.join(absent)}")
        return Peer(spoken, endpoints)

    def register(
        self,
        peer: Peer,
        token: str,
        ours: dict[str, Any],
        *,
        renewing: bool = False,
        raw_token: bool = False,
    ) -> Theirs:
        spoken = language(peer.version)
        headers = {"Authorization": authorization.shown(token, raw=raw_token)}
        body = spoken.write_credentials(ours["token"], ours["url"], ours.get("cpos"))
        method = "PUT" if renewing else "POST"
        answer = self._http.call(method, peer.endpoints["credentials"], headers, body)
        theirs = read_as(spoken.read_credentials, data_of(answer))
        return Theirs(theirs.token, theirs.url, theirs.identities, theirs.hub, theirs.emsps)

    def leave(self, connection: Connection) -> None:
        headers = {"Authorization": self._authorization(connection)}
        url = _endpoint(connection, "credentials")
        check(parsed(self._http.call("DELETE", url, headers, None)))

    def locations(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        spoken, owner = language(connection.version), Owner(*connection.spokesman)

        def read(sent: Sent) -> tuple[Any, tuple[str, ...]]:
            return spoken.read_location(sent.value, connection.id, connection.identities, owner)

        return self._pull(connection, "locations", read, since, None, rest=rest)

    def tariffs(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        spoken, owner = language(connection.version), Owner(*connection.spokesman)
        read = _by(spoken.read_tariff, owner)
        return self._pull(connection, "tariffs", read, since, None, rest=rest)

    def sessions(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        spoken, owner = language(connection.version), Owner(*connection.spokesman)
        return self._pull(connection, "sessions", _by(spoken.read_session, owner), since, until)

    def cdrs(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        spoken, owner = language(connection.version), Owner(*connection.spokesman)

        def read(sent: Sent) -> tuple[Any, tuple[str, ...]]:
            return spoken.read_cdr(sent.value, sha256(sent.text.encode()).hexdigest(), owner)

        return self._pull(connection, "cdrs", read, since, until)

    def client_infos(
        self, connection: Connection, since: datetime | None, rest: str = ""
    ) -> Pulled:
        def read(sent: Sent) -> tuple[Any, tuple[str, ...]]:
            return read_client_info(sent.value), ()

        # Of a hub itself: "the OCPI headers SHALL NOT be used" (2.2.1 transport_and_format).
        headers = {"Authorization": self._authorization(connection)}
        return self._pull(connection, "hubclientinfo", read, since, None, headers, rest)

    def start_session(self, connection: Connection, command_: StartCommand) -> CommandAnswer:
        body = language(connection.version).write_start(
            command_.token,
            command_.location_id,
            command_.evse_uid,
            command_.connector_id,
            command_.authorization_reference,
            command_.response_url,
        )
        passed_on = correlated(command_.correlation_id)
        return self._command(connection, command.START, body, command_.owner, passed_on)

    def stop_session(
        self,
        connection: Connection,
        charger_session_id: str,
        response_url: str,
        owner: str = "",
    ) -> CommandAnswer:
        body = command.write_stop(charger_session_id, response_url)
        return self._command(connection, command.STOP, body, owner)

    def unlock(self, connection: Connection, command_: UnlockCommand) -> CommandAnswer:
        body = command.write_unlock(
            command_.location_id, command_.evse_uid, command_.connector_id, command_.response_url
        )
        return self._command(connection, command.UNLOCK, body, command_.owner)

    def reserve(self, connection: Connection, command_: ReserveCommand) -> CommandAnswer:
        body = language(connection.version).write_reserve(
            command_.token,
            command_.reservation_id,
            command_.location_id,
            command_.evse_uid,
            command_.until,
            command_.response_url,
        )
        return self._command(connection, command.RESERVE, body, command_.owner)

    def cancel_reservation(
        self, connection: Connection, reservation_id: str, response_url: str, owner: str = ""
    ) -> CommandAnswer:
        if not language(connection.version).roles:
            raise CpoRefused(_NO_ENDPOINTS, f"OCPI {connection.version} cannot cancel")
        body = command.write_cancel(reservation_id, response_url)
        return self._command(connection, command.CANCEL, body, owner)

    def prefer(
        self,
        connection: Connection,
        charger_session_id: str,
        preferences: Preferences,
        owner: str = "",
    ) -> str:
        if not language(connection.version).roles:
            raise CpoRefused(_NO_ENDPOINTS, f"OCPI {connection.version} has no preferences")
        base = _endpoint(connection, "sessions.SENDER").rstrip("/")
        url = f"{base}/{quote(charger_session_id, safe='')}/charging_preferences"
        body = write_preferences(preferences)
        answer = self._http.call("PUT", url, self._headers(connection, owner), body)
        answered: str = read_as(read_preferences_answer, data_of(answer))
        return answered

    def close(self) -> None:
        self._http.close()

    def _command(
        self,
        connection: Connection,
        name: str,
        body: dict[str, Any],
        owner: str,
        more: Mapping[str, str] | None = None,
    ) -> CommandAnswer:
        url = f"{_endpoint(connection, 'commands.RECEIVER').rstrip('/')}/{name}"
        headers = {**self._headers(connection, owner), **(more or {})}
        answer = self._http.call("POST", url, headers, body)
        result = read_as(command.read_answer, data_of(answer))
        try:
            return CommandAnswer(result)
        except ValueError as error:  # neither yes nor no: the caller must look
            raise CpoUnavailable(f"{result!r} is not a CommandResponseType") from error

    def _pull(
        self,
        connection: Connection,
        module: str,
        read: Read,
        since: datetime | None,
        until: datetime | None,
        headers: dict[str, str] | None = None,
        rest: str = "",
    ) -> Pulled:
        query: dict[str, str] = {}
        if since is not None:
            query["date_from"] = instant_text(since)
        if until is not None:
            query["date_to"] = instant_text(until)
        url = _endpoint(connection, f"{module}.SENDER")
        # The list of all behind a hub is the hub's own answer (2.2.1, "GET All via Hubs").
        sent = headers or self._headers(connection, connection.hub)
        pages = crawl(lambda page: self._http.call("GET", page, sent, None), url, query, rest)
        return _pulled(pages, read)

    def _headers(self, connection: Connection, owner: str = "") -> dict[str, str]:
        headers = {"Authorization": self._authorization(connection)}
        if not language(connection.version).roles:
            return headers  # 2.1.1 routes nothing
        headers |= {"OCPI-from-country-code": COUNTRY_CODE, "OCPI-from-party-id": PARTY_ID}
        identities = list(connection.identities)
        to = owner or (identities[0] if len(identities) == 1 else "")
        if to:  # else a platform of several parties routes by the content (open routing)
            country, _, party = to.partition("*")
            headers |= {"OCPI-to-country-code": country, "OCPI-to-party-id": party}
        return headers

    def _authorization(self, connection: Connection) -> str:
        try:
            token = self._secrets.read(connection.their_token_secret)
        except KeyError as error:
            raise CpoUnavailable(f"the token for {connection.id} is not kept") from error
        return authorization.shown(token, raw=connection.raw_token)

    def _get(self, url: str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
        return data_of(self._http.call("GET", url, headers, None))


def _by(read: Callable[[object, Owner], tuple[Any, tuple[str, ...]]], owner: Owner) -> Read:
    """A reader for a whole list, in which objects may name no owner."""
    return lambda sent: read(sent.value, owner)


def _endpoint(connection: Connection, name: str) -> str:
    url = connection.endpoints.get(name)
    if url is None:
        raise CpoRefused(_NO_ENDPOINTS, f"the CPO has no endpoint {name}")
    return url


def _pulled(pages: Iterable[Page], read: Read) -> Pulled:
    """Good objects of a page that also holds bad ones; of one met twice the newer (issue 373)."""
    items: dict[tuple[str, str, str], Received] = {}
    refused: list[str] = []
    clocks: list[datetime | None] = []
    totals: set[int | None] = set()
    rest = ""
    for page in pages:
        clocks.append(page.at)
        rest = page.next
        totals.add(page.total)
        for sent in page.items:
            try:
                value, mended = read(sent)
            except Invalid as error:
                id_ = sent.value.get("id") if isinstance(sent.value, dict) else None
                refused.append(f"{str(id_)[:64]}: {error}")
                continue
            key = (value.country_code, value.party_id, value.id)
            if key not in items or items[key].value.last_updated <= value.last_updated:
                items[key] = Received(value, sent.text, mended)
    complete = totals == {len(items) + len(refused)}
    return Pulled(tuple(items.values()), tuple(refused), clocks[0], complete, rest)
