"""Does a CPO start and stop a charge as it should? Tried only where somebody named an EVSE for it.

As the channel does it: START_SESSION once, its result at our `response_url`, the session looked for
in the CPO's list, STOP_SESSION, and the list once more.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from chalicelib.adapters.ocpi_client.answer import data_of, read_as
from chalicelib.adapters.ocpi_client.http import Answer, check_status
from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.ours import REFERENCE_PREFIX
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, TokenId, same_ids
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.report import FINAL
from chalicelib.domain.token.contract import contract_id
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.envelope import command
from chalicelib.ocpi.envelope.body import MalformedJson, Sent, dump, parse_object
from chalicelib.ocpi.language import language
from chalicelib.ports.cpo import CommandAnswer, CpoRefused, CpoUnavailable
from chalicelib.usecases.session.look import CLOCK_SKEW, begun_by
from sandbox.conformance.answering import Answering
from sandbox.conformance.finding import Check, Report
from sandbox.conformance.lists import pages
from sandbox.conformance.objects import Read
from sandbox.conformance.probe import Probe, Silent

_RESPONSE = "mod_commands: CommandResponse object"
_RESULT = "mod_commands: CommandResult object"
_STATUS = "mod_sessions: SessionStatus enum"
_UID = "PLG-OCPI-CHECK"
_LOOKS_EVERY_S = 1.0
_ACCEPTED = CommandAnswer.ACCEPTED.value


@dataclass(frozen=True, slots=True)
class Charger:
    """An EVSE at which somebody allows us to start; `wait_s` is the patience for each answer."""

    location_id: str
    evse_uid: str
    connector_id: str = ""
    wait_s: float = 60


@dataclass(frozen=True)
class Trial:
    """What is needed to try it. `read` reads a session of the CPO's list."""

    report: Report
    probe: Probe
    endpoints: dict[str, str]
    us: Answering
    at: Charger
    read: Read
    reference: str
    begun: datetime

    def check(self, name: str, section: str, hint: str) -> Check:
        return self.report.check(name, section, hint)


def not_tried(report: Report) -> None:
    check = report.check("a charge is started and stopped", _RESPONSE)
    check.skips("it would start a charger: name a free EVSE with --commands LOCATION/EVSE")


def published(report: Report, named: Charger, places: Iterable[Location]) -> Charger | None:
    """The EVSE with a connector, as a quote would name it: nothing else is ever started."""
    hint = "name LOCATION/EVSE by the ids of the CPO's own list: an EVSE's is its uid"
    check = report.check("the EVSE that was named is listed", "mod_locations: EVSE object", hint)
    for place in places:
        for evse in place.evses:
            if not same_ids([place.id, evse.uid], [named.location_id, named.evse_uid]):
                continue
            for plug in evse.connectors:
                if not named.connector_id or same_ids([plug.id], [named.connector_id]):
                    return replace(named, connector_id=plug.id)
    check.fails(f"{named.location_id}/{named.evse_uid}/{named.connector_id} is not: not started")
    return None


def start_and_stop(
    report: Report,
    probe: Probe,
    endpoints: dict[str, str],
    us: Answering,
    at: Charger,
    read: Read,
) -> None:
    us.version = report.version
    reference = f"{REFERENCE_PREFIX}{uuid.uuid4().hex}"
    begun = datetime.now(UTC).replace(microsecond=0)
    trial = Trial(report, probe, endpoints, us, at, read, reference, begun)
    if not _commanded(trial, command.START, _start_body):
        return
    session = _session(trial)
    if session is None:
        return
    if session.status in FINAL:
        ended = trial.check("the session goes on until it is stopped", _STATUS, "let it charge")
        ended.fails(f"{session.id} is {session.status.value} at once")
        return

    def stop(_: Trial, url: str) -> dict[str, object]:
        return command.write_stop(session.id, url)

    if _commanded(trial, command.STOP, stop):
        _over(trial, session.id)


def _start_body(trial: Trial, url: str) -> dict[str, object]:
    token = Token(
        id=TokenId(_UID),
        partner_id=PartyId(_UID),
        uid=_UID,
        contract_id=contract_id(_UID),
        driver_hash="",
        valid=True,
        last_updated=trial.begun,
    )
    at, spoken = trial.at, language(trial.report.version)
    return spoken.write_start(
        token, at.location_id, at.evse_uid, at.connector_id, trial.reference, url
    )


def _commanded(trial: Trial, name: str, body: Callable[[Trial, str], dict[str, object]]) -> bool:
    """Send it, and wait for what the charger says; False where it surely said no.

    Where nobody knows, the session itself is looked for: as the channel does it.
    """
    hint = "answer at once, with a CommandResponse in data; look at the charger, which may go on"
    check = trial.check(f"{name} is answered", _RESPONSE, hint)
    url = trial.us.response_url(name, uuid.uuid4().hex)
    address = f"{trial.endpoints['commands.RECEIVER'].rstrip('/')}/{name}"
    try:
        reply = trial.probe.call("POST", address, dump(body(trial, url)).encode())
        check_status(reply.status, urlsplit(address).netloc)
        told = data_of(Answer(reply.body, ""))
        said = read_as(command.read_answer, told)
    except (Silent, CpoUnavailable) as error:
        check.is_mended(f"{error}: the session itself is looked for")
        return True
    except CpoRefused as error:
        check.fails(str(error))
        return False
    if said not in set(CommandAnswer):
        check.is_mended(f"{said[:40]!r} is neither yes nor no: the session itself is looked for")
        return True
    if said != _ACCEPTED:
        check.fails(f"{said}: is {trial.at.evse_uid} free, and may it be started from afar?")
    elif not isinstance(told, dict) or told.get("result") != said:
        check.is_mended("result is not a member of data, in capitals")
    elif language(trial.report.version).roles and not isinstance(told.get("timeout"), int):
        check.is_mended("timeout is missing: we look for the session all the same")
    return said == _ACCEPTED and _result(trial, name, url)


def _result(trial: Trial, name: str, url: str) -> bool:
    hint = "POST the CommandResult to the response_url, with the token that we gave you"
    check = trial.check(f"{name}: the charger's result comes", _RESULT, hint)
    strangers = trial.us.strangers
    body = trial.us.result(url, trial.at.wait_s)
    if trial.us.strangers > strangers:
        check.fails("a request to us showed another token than the one in our credentials")
    if body is None:
        check.is_mended(f"none in {trial.at.wait_s:g} s: the session itself is looked for")
        return True
    try:
        said = command.read_answer(parse_object(body))
    except (MalformedJson, Invalid) as error:
        check.is_mended(f"it cannot be read ({error}): the session itself is looked for")
        return True
    if said != _ACCEPTED:
        check.fails(f"the charger says {said[:40]}")
    return said == _ACCEPTED


def _session(trial: Trial) -> ReportedSession | None:
    """The session of our start, by its reference; else as the channel finds it."""
    routed = language(trial.report.version).roles
    name = "authorization_reference" if routed else "auth_id"
    hint = f"put START_SESSION's {name} into the session" + ("" if routed else ": its token's")
    check = trial.check(f"the session has our {name}", f"mod_sessions: Session {name}", hint)
    found = _until(trial, check, lambda one: _is_ours(trial, one))
    if found is None:
        return None
    if found.authorization_reference.lower() != trial.reference:
        check.is_mended(f"{found.id[:40]} is found by its token, EVSE and start")
    return found


def _is_ours(trial: Trial, session: ReportedSession) -> bool:
    return begun_by(
        session,
        reference=trial.reference,
        token_uid=_UID,
        evse_uid=trial.at.evse_uid,
        requested_at=trial.begun,
    )


def _over(trial: Trial, session_id: str) -> None:
    check = trial.check("the session ends when it is stopped", _STATUS, "tell it COMPLETED")
    _until(trial, check, lambda one: one.id == session_id and one.status in FINAL)


def _until(
    trial: Trial, check: Check, fits: Callable[[ReportedSession], bool]
) -> ReportedSession | None:
    """The first session of the CPO's list that fits, in time; the check fails without one."""
    until = time.monotonic() + trial.at.wait_s
    while True:
        try:
            told = _listed(trial)
        except Silent as error:
            seen = str(error)
        else:
            for session in told:
                if fits(session):
                    return session
            seen = f"none such among {len(told)} that can be read"
        if time.monotonic() >= until:
            check.fails(f"{seen}, in {trial.at.wait_s:g} s: look at the charger")
            return None
        time.sleep(_LOOKS_EVERY_S)


def _listed(trial: Trial) -> list[ReportedSession]:
    span = trial.begun - CLOCK_SKEW, datetime.now(UTC) + CLOCK_SKEW + timedelta(seconds=1)
    query = dict(zip(("date_from", "date_to"), map(instant_text, span), strict=True))
    url = trial.endpoints["sessions.SENDER"]
    read = (_read(trial, sent) for _, items in pages(trial.probe, url, query) for sent in items)
    return [session for session in read if session is not None]


def _read(trial: Trial, sent: Sent) -> ReportedSession | None:
    try:
        session, _ = trial.read(sent)
    except Invalid:
        return None  # the list's own check names it
    return session if isinstance(session, ReportedSession) else None
